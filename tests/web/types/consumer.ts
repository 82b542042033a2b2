/** A site owner's program: compiled against the published declarations, never run. */
import { BackfileError, openArchive } from "../../../www/dist/backfile/backfile.js";
import type { Archive, ErrorCode, OpenOptions, SearchResponse, SearchResult } from "../../../www/dist/backfile/backfile.js";

const options: OpenOptions = { base: "./backfile/", retries: 0, signal: AbortSignal.timeout(1000) };
const archive: Archive = await openArchive(options);
const response: SearchResponse = await archive.search("春耕", { limit: 20, offset: 20, prefix: true });
const first: SearchResult | undefined = response.results[0];
export const marked: string[] = first?.excerpt.filter((piece) => piece.hit).map((piece) => piece.text) ?? [];
export const documents: number = archive.info.documents;
export const codeOf = (thrown: unknown): ErrorCode | undefined => (thrown instanceof BackfileError ? thrown.code : undefined);
export const places: Array<[number, number]> = (await archive.hits("春耕", ["春耕时节"], { prefix: true }))[0] ?? [];
// @ts-expect-error: there is no such option, and a misspelt one has to be noticed
await archive.search("春耕", { limmit: 20 });
archive.close();
