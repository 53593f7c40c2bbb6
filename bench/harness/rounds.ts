/** One of those that are compared. */
export interface Contender {
  readonly name: string;
  /** Does the fixed work once; resolves with the measurement. */
  round(): Promise<number>;
}

/**
 * Runs A B C, A B C, ...: what disturbs the machine for a while then hits all alike. The warm-up
 * rounds come first and are thrown away. Resolves with the measurements of each, by name.
 */
export async function interleave(
  contenders: readonly Contender[],
  counts: { readonly warmUps: number; readonly rounds: number },
): Promise<ReadonlyMap<string, number[]>> {
  const measured = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -counts.warmUps; round < counts.rounds; round++)
    for (const { name, round: run } of contenders) {
      const value = await run();
      if (round >= 0) measured.get(name)!.push(value);
    }
  return measured;
}
