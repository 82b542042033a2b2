/** What the page says, in Chinese and in English. */
import type { ErrorCode } from "../backfile.js";
import { longDate } from "./dates.js";

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
  /** Why, and what a reader can do about it. */
  reason(code: ErrorCode): string;
  count(total: number): string;
  nothing(query: string): string;
  nothingHint: string;
  more(next: number): string;
  added(shown: number, total: number): string;
  about(documents: number, years: string): string;
  years(first: string, last: string): string;
  pageNumber(number: string): string;
  /** Before the place of a reprint. */
  again: string;
  filters: string;
  chosen: string;
  clearFilters: string;
  noFilters: string;
  moreValues(left: number): string;
  remove(what: string): string;
  field(name: string): string;
  value(field: string, value: string): string;
  figure(value: number): string;
}

/** Fields and kinds of articles that builders make; all others are shown as they are called. */
const ZH_NAMES: Readonly<Record<string, string>> = {
  date: "日期", publication: "报刊", edition: "版别", page: "版面", section: "栏目", kind: "体裁", reporter: "记者", correspondent: "通讯员",
  photographer: "摄影", author: "作者", place: "地点", subject: "主题",
  "kind=news": "消息", "kind=feature": "通讯、专稿", "kind=brief": "简讯", "kind=caption": "图片", "kind=notice": "启事", "kind=slogan": "标语",
  "kind=table": "图表", "kind=orphan": "残篇",
};

const EN_NAMES: Readonly<Record<string, string>> = {
  date: "Date", publication: "Publication", edition: "Edition", page: "Page", section: "Section", kind: "Kind", reporter: "Reporter",
  correspondent: "Correspondent", photographer: "Photographer", author: "Author", place: "Place", subject: "Subject",
  "kind=news": "News", "kind=feature": "Feature", "kind=brief": "Brief", "kind=caption": "Picture", "kind=notice": "Notice",
  "kind=slogan": "Slogan", "kind=table": "Table", "kind=orphan": "Fragment",
};

/** Readers need no more than the kind of trouble; the message with the file's name follows below. */
type Trouble = "network" | "archive" | "version" | "browser" | "engine";

const TROUBLES: Record<ErrorCode, Trouble> = {
  unreachable: "network",
  missing: "archive",
  damaged: "archive",
  "not-backfile": "archive",
  "wrong-block": "archive",
  "newer-format": "version",
  "older-format": "version",
  unsupported: "browser",
  closed: "engine",
  internal: "engine",
};

const ZH_REASONS: Record<Trouble, string> = {
  network: "连接不上存放报纸的网站。请检查网络后重试。",
  archive: "有一个索引文件缺失或损坏。请重试；如果仍然不行，请告知本站的管理者。",
  version: "网页与索引的版本不一致。请重新载入本页。",
  browser: "这个浏览器不能运行检索程序。请换用新版的浏览器。",
  engine: "检索程序出了错。请重试。",
};

const EN_REASONS: Record<Trouble, string> = {
  network: "The site that holds the archive cannot be reached. Check your connection and try again.",
  archive: "A file of the index is missing or damaged. Try again; if that does not help, tell the people who run this site.",
  version: "The page and the index are of different versions. Reload the page.",
  browser: "This browser cannot run the search. Please use a current one.",
  engine: "The search program failed. Please try again.",
};

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
  reason: (code) => ZH_REASONS[TROUBLES[code]],
  count: (total) => `共 ${number("zh", total)} 篇`,
  nothing: (query) => `没有一篇包含“${query}”`,
  nothingHint: "请检查是否有错字，或换短一些的词。空格隔开的词须同时出现。",
  more: (next) => `再看 ${number("zh", next)} 篇`,
  added: (shown, total) => `已列出 ${number("zh", shown)} 篇，共 ${number("zh", total)} 篇`,
  about: (documents, years) => [`收录 ${number("zh", documents)} 篇`, years].filter(Boolean).join("，"),
  years: (first, last) => (first === last ? first : `${first}至${last}`),
  pageNumber: (page) => `第 ${page} 版`,
  again: "又刊于 ",
  filters: "筛选",
  chosen: "已选条件",
  clearFilters: "全部清除",
  noFilters: "没有可以筛选的条件。",
  moreValues: (left) => `再看 ${number("zh", left)} 项`,
  remove: (what) => `去掉条件：${what}`,
  field: (name) => ZH_NAMES[name] ?? name,
  value: (field, value) => valueName("zh", ZH_NAMES, field, value),
  figure: (value) => number("zh", value),
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
  reason: (code) => EN_REASONS[TROUBLES[code]],
  count: (total) => `${number("en", total)} ${total === 1 ? "result" : "results"}`,
  nothing: (query) => `Nothing contains “${query}”`,
  nothingHint: "Check the spelling or try fewer words. Words separated by spaces must all occur.",
  more: (next) => `Show ${number("en", next)} more`,
  added: (shown, total) => `${number("en", shown)} of ${number("en", total)} results listed`,
  about: (documents, years) => [`${number("en", documents)} ${documents === 1 ? "article" : "articles"}`, years].filter(Boolean).join(", "),
  years: (first, last) => (first === last ? first : `${first} to ${last}`),
  pageNumber: (page) => `page ${page}`,
  again: "Also printed: ",
  filters: "Filters",
  chosen: "Chosen filters",
  clearFilters: "Clear all",
  noFilters: "There is nothing to choose from.",
  moreValues: (left) => `${number("en", left)} more`,
  remove: (what) => `Remove filter: ${what}`,
  field: (name) => EN_NAMES[name] ?? name,
  value: (field, value) => valueName("en", EN_NAMES, field, value),
  figure: (value) => number("en", value),
};

function valueName(language: string, names: Readonly<Record<string, string>>, field: string, value: string): string {
  return field === "date" ? longDate(value, language) : (names[`${field}=${value}`] ?? value);
}

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
