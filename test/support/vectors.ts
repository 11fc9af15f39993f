import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The public crypto vectors lie beside the clone, or where LEASEHOLD_VECTORS says; they are never copied into it. */
const folder = process.env['LEASEHOLD_VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));
export const vectorsPresent = existsSync(`${folder}/ed25519_test.json`);
if (!vectorsPresent)
  console.log('SKIPPED vectors: no public crypto vectors found (set LEASEHOLD_VECTORS to their folder)');

export interface VectorGroup<T> {
  readonly comment?: string;
  readonly publicKey?: { readonly pk: string };
  readonly public?: { readonly keys?: readonly unknown[] } & Record<string, unknown>;
  readonly private?: { readonly keys?: readonly unknown[] } & Record<string, unknown>;
  readonly tests: readonly (T & { readonly tcId: number; readonly result: 'valid' | 'invalid' | 'acceptable' })[];
}

export function vectorGroups<T>(file: string): readonly VectorGroup<T>[] {
  return (JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as { testGroups: VectorGroup<T>[] }).testGroups;
}
