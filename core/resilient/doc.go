// Package resilient implements the policies of contracts/resilience: retry,
// circuit breaker, rate limit, bulkhead, timeout and hedge, in one [Pipeline].
//
//	breaker, err := resilient.NewBreaker(resilient.BreakerOptions{Name: "payments"})
//	payments, err := resilient.New(resilient.Options{
//		Name: "payments", Retry: &resilience.RetryConfig{}, Breaker: breaker, Timeout: time.Second,
//	})
//	receipt, err := resilience.Do(ctx, payments, func(ctx context.Context) (Receipt, error) {
//		return client.Pay(ctx, order)
//	})
//
// # Order
//
// The order is always this one, the outermost first; what is not configured is left out:
//
//	fallback     once, when all else has failed
//	retry        counts attempts, waits between them
//	hedge        makes an attempt of several calls, if the operation is run with resilience.DoHedged
//	breaker      sees each call that is really made, and none that the next two refuse
//	rate limit   counts each call
//	bulkhead     holds a place while the call runs, and none while a retry waits
//	timeout      bounds one call; the caller's context bounds all of them
//	             the call
package resilient
