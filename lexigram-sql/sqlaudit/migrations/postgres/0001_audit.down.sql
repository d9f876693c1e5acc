DROP TABLE lexigram_audit;
DROP FUNCTION lexigram_audit_refuse();
