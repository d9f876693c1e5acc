package searchtest

import (
	"errors"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/filter/filtertest"
	"github.com/lexigram/lexigram-go/contracts/search"
)

var filterRules = []rule{
	{
		name: "where",
		says: "[Where] nil matches all; every backend is tested against [filter.Compile]",
		check: func(e *env) error {
			for _, q := range []search.Query{{}, {Text: "lamp"}, {Text: "lamp mirror", Any: true}} {
				if err := e.checkWhere(q); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "malformed where",
		says: "every backend returns [filter.Err], before any I/O, for what Validate refuses",
		check: func(e *env) error {
			find, err := e.finder(search.Query{})
			if err != nil {
				return err
			}
			for _, c := range filtertest.Malformed() {
				if err := filtertest.CheckMalformed(c, find); err != nil {
					return err
				}
			}
			return nil
		},
	},
}

func (e *env) checkWhere(q search.Query) error {
	find, err := e.finder(q)
	if err != nil {
		return err
	}
	e.unsupported = nil
	var errs []error
	for _, c := range filtertest.Cases() {
		skipped, err := filtertest.Check(c, find)
		if errs = append(errs, err); skipped {
			e.unsupported = append(e.unsupported, c.Name)
		}
	}
	return errors.Join(errs...)
}

// finder indexes the documents of filtertest.
func (e *env) finder(q search.Query) (func(filter.Filter) ([]string, error), error) {
	var docs []search.Document
	for _, d := range filtertest.Documents() {
		docs = append(docs, search.Document{ID: d.ID, Text: map[string]string{"body": "lamp"}, Attributes: d.Attributes})
	}
	return func(f filter.Filter) ([]string, error) {
		q.Where = f
		return e.ids(q)
	}, e.engine.Index(e.ctx, index, docs...)
}
