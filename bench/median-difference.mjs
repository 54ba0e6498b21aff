import { median } from './measure.mjs';

const RESAMPLES = 2000;
const COVERED = 0.95;

/** The 95 % interval of median(one) - median(other) by bootstrap: what resampling both lists gives in all but the outer 5 %. */
export function medianDifference(one, other, random = Math.random) {
  const draw = (values) => median(values.map(() => values[Math.floor(random() * values.length)]));
  const differences = Array.from({ length: RESAMPLES }, () => draw(one) - draw(other)).sort((a, b) => a - b);
  const outside = Math.floor((RESAMPLES * (1 - COVERED)) / 2);
  return {
    difference: median(one) - median(other),
    from: differences[outside],
    to: differences[RESAMPLES - 1 - outside],
  };
}
