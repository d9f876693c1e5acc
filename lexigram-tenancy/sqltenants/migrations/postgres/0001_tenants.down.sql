DROP TABLE lexigram_tenants;
