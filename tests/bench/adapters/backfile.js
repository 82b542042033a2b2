let archive;

export async function init() {
  const { openArchive } = await import('/backfile/backfile.js');
  archive = await openArchive();
}

export async function search(query, limit) {
  const { total, results } = await archive.search(query, { limit });
  return { total, ids: results.map(({ id }) => id) };
}
