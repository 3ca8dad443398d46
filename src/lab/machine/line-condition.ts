/** How a line is. Each part is its own: a line can be slow and lossy at once. */
export interface LineCondition {
  readonly passage: 'open' | 'stalled' | 'cut' | 'dropping';
  readonly bytesPerSecond?: number;
  /** One way. */
  readonly delaySeconds?: number;
  /** Added to the delay, drawn anew from 0 up to this. */
  readonly jitterSeconds?: number;
  readonly lossPercent?: number;
}

export const whole: LineCondition = {passage: 'open'};

/** `whole`, or all that ails it. */
export function conditionText({passage, bytesPerSecond, delaySeconds, lossPercent}: LineCondition): string {
  const ails = [
    passage === 'open' ? [] : [passage],
    bytesPerSecond === undefined ? [] : [`throttled to ${bytesPerSecond} B/s`],
    delaySeconds === undefined ? [] : [`delayed by ${Math.round(delaySeconds * 1000)} ms`],
    lossPercent === undefined ? [] : [`losing ${lossPercent} %`],
  ].flat();
  return ails.length === 0 ? 'whole' : ails.join(', ');
}

/** A line under several faults at once: a newer one goes before an older, and each is taken back by itself. */
export function layeredCondition(become: (now: LineCondition) => void) {
  let layers: readonly Partial<LineCondition>[] = [];
  const settle = (): void => become(Object.assign({}, whole, ...layers));
  return {
    /** Gives what takes the layer back. */
    add(layer: Partial<LineCondition>): () => void {
      layers = [...layers, layer];
      settle();
      return () => {
        layers = layers.filter((each) => each !== layer);
        settle();
      };
    },
  };
}
