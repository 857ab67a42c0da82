// Reads the text that Prometheus reads.

const LINE = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/;

/** Every sample as its name, its labels by name, and its value. */
export function parseMetrics(text) {
    return text.split("\n").map((line) => LINE.exec(line)).filter(Boolean).map(([, name, labels, value]) => ({
        name,
        labels: Object.fromEntries([...(labels ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text])),
        value: Number(value),
    }));
}

/** The sum of a metric over its labels. */
export function total(samples, name) {
    return samples.filter((sample) => sample.name === name).reduce((sum, sample) => sum + sample.value, 0);
}

/** A histogram as its buckets in order: the upper bound, and how many fell into that bucket alone. */
export function histogram(samples, name) {
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
    let below = 0;
    return buckets.map(({ labels, value }) => {
        const count = value - below;
        below = value;
        return { bound: labels.le === "+Inf" ? Infinity : Number(labels.le), count };
    });
}

/**
 * What a share of all observations stays below, taken to be spread evenly within their bucket; null where there are
 * none, and infinite beyond the last bound.
 */
export function quantile(buckets, share) {
    const rank = share * buckets.reduce((sum, { count }) => sum + count, 0);
    if (rank === 0) return null;
    let [below, from] = [0, 0];
    for (const { bound, count } of buckets) {
        if (below + count >= rank) return bound === Infinity ? Infinity : from + (bound - from) * ((rank - below) / count);
        [below, from] = [below + count, bound];
    }
    return null;
}
