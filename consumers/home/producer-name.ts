import { passingPrefix } from "../../bus/log/producers.js";

/**
 * The name that the outputs of one process go by: another for each generation, so that each can number
 * its own from 0. Consumers' names have no dots.
 */
export function producerOf(consumer: string, generation: number, partition: number): string {
  return `consumer.${consumer}.${generation}.${partition}`;
}

/**
 * The name by which an output that the hub refused is published after all. It is one of a single life: the log
 * forgets it with the output.
 */
export function retryingProducerOf(consumer: string, id: string): string {
  return `${retryingPrefix(consumer)}${id}`;
}

/**
 * Whether the producer is the consumer itself: anybody can write a cause into an event, or pass one on,
 * but a consumer publishes under names of its own.
 */
export function isProducerOf(producer: string, consumer: string): boolean {
  return producer.startsWith(`consumer.${consumer}.`) || isRetryingProducerOf(producer, consumer);
}

/** Whether the producer is one that publishes what the hub had refused of the consumer. */
export function isRetryingProducerOf(producer: string, consumer: string): boolean {
  return producer.startsWith(retryingPrefix(consumer));
}

/** Which generation and process a producer is; undefined for one that a program named by hand. */
export function placeOfProducer(
  producer: string,
): { readonly generation: number; readonly partition: number } | undefined {
  const parts = /\.(\d+)\.(\d+)$/.exec(producer);
  return parts === null ? undefined : { generation: Number(parts[1]), partition: Number(parts[2]) };
}

function retryingPrefix(consumer: string): string {
  return `${passingPrefix}consumer.${consumer}.retry.`;
}
