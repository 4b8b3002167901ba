import { Observable } from 'rxjs';

/** What an Observable has come to, before whoever waits for it is told. */
export interface Settled {
  readonly hasValue: boolean;
  readonly value: unknown;
}

/**
 * The same values, but the last one, the end and an error are held back until `settle` has: whoever answers with the last
 * value, or with the only one, answers after that. `settle` must not reject.
 */
export function holdingLast(
  source: Observable<unknown>,
  settle: (settled: Settled) => Promise<void>,
): Observable<unknown> {
  return new Observable((subscriber) => {
    let hasValue = false;
    let value: unknown;
    return source.subscribe({
      next(each) {
        if (hasValue) subscriber.next(value);
        hasValue = true;
        value = each;
      },
      error(error: unknown) {
        void settle({ hasValue: false, value: undefined }).then(() => subscriber.error(error));
      },
      complete() {
        void settle({ hasValue, value }).then(() => {
          if (hasValue) subscriber.next(value);
          subscriber.complete();
        });
      },
    });
  });
}
