/** The last `limit` bytes of a stream, as text. What a remote program says in the end names the reason. */
export class Tail {
  #kept = Buffer.alloc(0);
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(data: Uint8Array): void {
    const all = Buffer.concat([this.#kept, data]);
    this.#kept = all.length > this.#limit ? all.subarray(all.length - this.#limit) : all;
  }

  text(): string {
    return this.#kept.toString('utf8').trimEnd();
  }
}
