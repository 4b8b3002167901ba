// The shape in which a MetricProducer of @opentelemetry/sdk-metrics 2 and 3 hands over what it collected: the same in both.
// Written down here and not imported, so that neither version has to be installed to compile against this package.

/** Seconds since the epoch, and nanoseconds. */
export type HrTime = [seconds: number, nanoseconds: number];

/** The SDK's enums are their numbers. */
export const CUMULATIVE = 1;
/** `ValueType.INT`. */
export const INT = 0;
/** `ValueType.DOUBLE`. */
export const DOUBLE = 1;
/** `DataPointType.HISTOGRAM`. */
export const HISTOGRAM = 0;
/** `DataPointType.EXPONENTIAL_HISTOGRAM`. */
export const EXPONENTIAL_HISTOGRAM = 1;
/** `DataPointType.GAUGE`. */
export const GAUGE = 2;
/** `DataPointType.SUM`. */
export const SUM = 3;

/** How an instrument is named, and in what it is counted. */
export interface OtelDescriptor {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly valueType: typeof INT | typeof DOUBLE;
}

/** One series of an instrument at the time of the collection. */
export interface OtelDataPoint<T> {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Record<string, string>;
  readonly value: T;
}

interface OtelMetric {
  readonly descriptor: OtelDescriptor;
  readonly aggregationTemporality: typeof CUMULATIVE;
}

/** A counter. */
export interface OtelSum extends OtelMetric {
  readonly dataPointType: typeof SUM;
  readonly isMonotonic: boolean;
  readonly dataPoints: OtelDataPoint<number>[];
}

/** A value that goes up and down. */
export interface OtelGauge extends OtelMetric {
  readonly dataPointType: typeof GAUGE;
  readonly dataPoints: OtelDataPoint<number>[];
}

interface OtelDistribution {
  count: number;
  sum: number;
  min?: number;
  max?: number;
}

/** `counts` has one more than `boundaries`, which are inclusive upper bounds. */
export interface OtelExplicitValue extends OtelDistribution {
  buckets: { boundaries: number[]; counts: number[] };
}

/** Buckets of an exponential histogram: `offset` is the index of the first. */
export interface OtelBuckets {
  offset: number;
  bucketCounts: number[];
}

/** Bucket `offset + i` holds what is above `b ** (offset + i)` and at most `b ** (offset + i + 1)`; `b` is `2 ** 2 ** -scale`. */
export interface OtelExponentialValue extends OtelDistribution {
  scale: number;
  zeroCount: number;
  positive: OtelBuckets;
  negative: OtelBuckets;
}

/** A histogram with bounds that are given. */
export interface OtelExplicitHistogram extends OtelMetric {
  readonly dataPointType: typeof HISTOGRAM;
  readonly dataPoints: OtelDataPoint<OtelExplicitValue>[];
}

/** A histogram whose bounds grow by a factor. */
export interface OtelExponentialHistogram extends OtelMetric {
  readonly dataPointType: typeof EXPONENTIAL_HISTOGRAM;
  readonly dataPoints: OtelDataPoint<OtelExponentialValue>[];
}

/** One instrument with its series. */
export type OtelMetricData = OtelSum | OtelGauge | OtelExplicitHistogram | OtelExponentialHistogram;

/** A reader keeps its own resource; this one only has to be there. */
export interface OtelResource {
  readonly attributes: Record<string, never>;
  /** The other resource, if there is one. */
  merge<Other>(other: Other | null): Other;
  /** The attributes as pairs. */
  getRawAttributes(): never[];
}

/** What `collect` of a `MetricProducer` answers. */
export interface OtelCollection {
  resourceMetrics: {
    resource: OtelResource;
    scopeMetrics: { scope: { name: string }; metrics: OtelMetricData[] }[];
  };
  errors: unknown[];
}
