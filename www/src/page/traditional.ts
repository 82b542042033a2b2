/** Which of the two Chinese scripts a language is written in, as its tag has it: by the script, or else by the region. */
export function isTraditional(language: string): boolean {
  return /^zh(?!.*-hans)-(.*-)?(hant|tw|hk|mo)\b/i.test(language);
}
