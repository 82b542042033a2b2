/** What the page says, in Chinese and in English. */

export interface Strings {
  /** For the page's `lang` attribute and for dates and numbers. */
  readonly language: string;
  readonly untitled: string;
  readonly box: string;
  readonly placeholder: string;
  readonly hint: string;
  readonly clear: string;
  readonly searching: string;
  readonly retry: string;
  readonly failed: string;
  readonly footer: string;
  count(total: number): string;
  nothing(query: string): string;
  nothingHint: string;
  more(next: number): string;
  added(shown: number, total: number): string;
  about(documents: number, years: string): string;
  years(first: string, last: string): string;
  pageNumber(number: string): string;
}

const ZH: Strings = {
  language: "zh",
  untitled: "报刊检索",
  box: "检索",
  placeholder: "输入要找的字句",
  hint: "按 / 开始检索，上下方向键逐条移动，Esc 清除",
  clear: "清除",
  searching: "正在检索……",
  retry: "重试",
  failed: "这次检索没有完成。",
  footer: "检索在您的浏览器里进行，输入的内容不会发送出去。",
  count: (total) => `共 ${number("zh", total)} 篇`,
  nothing: (query) => `没有一篇包含“${query}”`,
  nothingHint: "请检查是否有错字，或换短一些的词。空格隔开的词须同时出现。",
  more: (next) => `再看 ${number("zh", next)} 篇`,
  added: (shown, total) => `已列出 ${number("zh", shown)} 篇，共 ${number("zh", total)} 篇`,
  about: (documents, years) => [`收录 ${number("zh", documents)} 篇`, years].filter(Boolean).join("，"),
  years: (first, last) => (first === last ? first : `${first}至${last}`),
  pageNumber: (page) => `第 ${page} 版`,
};

const EN: Strings = {
  language: "en",
  untitled: "Archive search",
  box: "Search",
  placeholder: "Words as they were printed",
  hint: "Press / to search, arrow keys to move through the results, Esc to clear",
  clear: "Clear",
  searching: "Searching…",
  retry: "Try again",
  failed: "This search could not be completed.",
  footer: "The search runs in your browser. What you type is not sent anywhere.",
  count: (total) => `${number("en", total)} ${total === 1 ? "result" : "results"}`,
  nothing: (query) => `Nothing contains “${query}”`,
  nothingHint: "Check the spelling or try fewer words. Words separated by spaces must all occur.",
  more: (next) => `Show ${number("en", next)} more`,
  added: (shown, total) => `${number("en", shown)} of ${number("en", total)} results listed`,
  about: (documents, years) => [`${number("en", documents)} ${documents === 1 ? "article" : "articles"}`, years].filter(Boolean).join(", "),
  years: (first, last) => (first === last ? first : `${first} to ${last}`),
  pageNumber: (page) => `page ${page}`,
};

/** The first language of the list that the page speaks; English if there is none. */
export function stringsFor(languages: readonly string[]): Strings {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return { ...ZH, language };
    if (/^en\b/i.test(language)) return { ...EN, language };
  }
  return EN;
}

function number(language: string, value: number): string {
  return new Intl.NumberFormat(language).format(value);
}
