/** The normal distribution's 97.5 % quantile: what 95 % of it lies within, either side. */
const Z = 1.96;

/**
 * The median of the differences of pairs, by Hodges and Lehmann, and its 95 % interval by Wilcoxon's signed ranks: what
 * both of a pair met, such as a busy machine, cancels out. All averages of two differences (or of one with itself) are
 * in order, and the interval ends where as many are left as chance explains.
 * @param one as many as `other`, or fewer: the n-th was measured beside the n-th
 */
export function medianDifference(one, other) {
  const differences = one.map((value, index) => value - other[index]);
  const count = differences.length;
  const averages = new Float64Array((count * (count + 1)) / 2);
  let next = 0;
  for (let i = 0; i < count; i += 1)
    for (let j = i; j < count; j += 1) averages[next++] = (differences[i] + differences[j]) / 2;
  averages.sort();
  const spread = Z * Math.sqrt((count * (count + 1) * (2 * count + 1)) / 24);
  const outside = Math.max(0, Math.floor(averages.length / 2 - spread));
  return {
    difference: averages[averages.length >> 1],
    from: averages[outside],
    to: averages[averages.length - 1 - outside],
  };
}
