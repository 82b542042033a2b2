// Between quotation marks Pagefind looks for the words of a query in a row.
import { search as searchWords } from './pagefind.js';

export { init } from './pagefind.js';

export const search = (query, limit) => searchWords(`"${query}"`, limit);
