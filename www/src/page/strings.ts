/** What the page says: in Chinese of either script, and in English. What stands in every page the builder prints. */
import type { ErrorCode } from "../backfile.js";
import { longDate } from "./dates.js";
import { isTraditional } from "./traditional.js";

export interface Strings {
  /** For `lang` attributes and for dates and numbers. */
  readonly language: string;
  readonly box: string;
  readonly placeholder: string;
  readonly hint: string;
  readonly clear: string;
  readonly searching: string;
  readonly retry: string;
  readonly failed: string;
  readonly nothingHint: string;
  readonly filters: string;
  readonly chosen: string;
  readonly clearFilters: string;
  readonly noFilters: string;
  /** Before the place of a reprint. */
  readonly again: string;
  /** Why, and what a reader can do about it. */
  reason(code: ErrorCode): string;
  /** Behind the number of results. */
  readonly newest: string;
  /** All, or so many at least. */
  count(total: number, all: boolean): string;
  nothing(query: string): string;
  more(next: number): string;
  added(shown: number, total: number, all: boolean): string;
  pageNumber(number: string): string;
  moreValues(left: number): string;
  remove(what: string): string;
  field(name: string): string;
  value(field: string, value: string): string;
  figure(value: number): string;
}

/** The same in both scripts but for the words, which differ by region as well. */
interface ChineseWords extends Pick<Strings, "box" | "placeholder" | "hint" | "clear" | "searching" | "retry" | "failed" | "nothingHint" | "filters" | "chosen" | "clearFilters" | "noFilters" | "again" | "newest"> {
  readonly names: Names;
  readonly reasons: Reasons;
  /** What stands before and after the query. */
  readonly nothing: readonly [string, string];
  readonly item: string;
  readonly remove: string;
}

/** Fields and kinds of articles that builders make; all others are shown as they are called. */
type Names = Readonly<Record<string, string>>;

/** Readers need no more than the kind of trouble; the message with the file's name follows below. */
type Trouble = "network" | "archive" | "version" | "browser" | "engine";
type Reasons = Readonly<Record<Trouble, string>>;

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

const HANS: ChineseWords = {
  box: "检索",
  placeholder: "输入要找的字句",
  hint: "按 / 开始检索，上下方向键逐条移动，Esc 清除",
  clear: "清除",
  searching: "正在检索……",
  retry: "重试",
  failed: "这次检索没有完成。",
  nothing: ["没有一篇包含“", "”"],
  nothingHint: "请检查是否有错字，或换短一些的词。空格隔开的词须同时出现。",
  again: "又刊于 ",
  filters: "筛选",
  chosen: "已选条件",
  clearFilters: "全部清除",
  newest: "，新的在前",
  noFilters: "没有可以筛选的条件。",
  item: "项",
  remove: "去掉条件：",
  names: {
    date: "日期", from: "起始日期", to: "截止日期", publication: "报刊", edition: "版别", page: "版面", section: "栏目", kind: "体裁", reporter: "记者",
    correspondent: "通讯员", photographer: "摄影", author: "作者", place: "地点", subject: "题材",
    "kind=news": "消息", "kind=feature": "通讯、专稿", "kind=brief": "简讯", "kind=caption": "图片", "kind=notice": "启事", "kind=slogan": "标语",
    "kind=table": "图表", "kind=orphan": "残篇",
  },
  reasons: {
    network: "连接不上存放报纸的网站。请检查网络后重试。",
    archive: "有一个索引文件缺失或损坏。请重试；如果仍然不行，请告知本站的管理者。",
    version: "网页与索引的版本不一致。请重新载入本页。",
    browser: "这个浏览器不能运行检索程序。请换用新版的浏览器。",
    engine: "检索程序出了错。请重试。",
  },
};

const HANT: ChineseWords = {
  box: "檢索",
  placeholder: "輸入要找的字句",
  hint: "按 / 開始檢索，上下方向鍵逐筆移動，Esc 清除",
  clear: "清除",
  searching: "正在檢索……",
  retry: "重試",
  failed: "這次檢索沒有完成。",
  nothing: ["沒有一篇包含「", "」"],
  nothingHint: "請檢查是否有錯字，或換短一些的詞。以空格隔開的詞須同時出現。",
  again: "又刊於 ",
  filters: "篩選",
  chosen: "已選條件",
  clearFilters: "全部清除",
  newest: "，新的在前",
  noFilters: "沒有可以篩選的條件。",
  item: "項",
  remove: "移除條件：",
  names: {
    date: "日期", from: "起始日期", to: "截止日期", publication: "報刊", edition: "版別", page: "版面", section: "專欄", kind: "體裁", reporter: "記者",
    correspondent: "通訊員", photographer: "攝影", author: "作者", place: "地點", subject: "主題",
    "kind=news": "新聞", "kind=feature": "專題", "kind=brief": "簡訊", "kind=caption": "圖片", "kind=notice": "啟事", "kind=slogan": "標語",
    "kind=table": "圖表", "kind=orphan": "殘篇",
  },
  reasons: {
    network: "無法連上存放報紙的網站。請檢查網路後重試。",
    archive: "有一個索引檔遺失或損壞。請重試；如果仍然不行，請告知本站的管理者。",
    version: "網頁與索引的版本不一致。請重新載入本頁。",
    browser: "這個瀏覽器無法執行檢索程式。請改用新版的瀏覽器。",
    engine: "檢索程式出了錯。請重試。",
  },
};

function chinese(language: string, { names, reasons, nothing, item, remove, ...words }: ChineseWords): Strings {
  const figure = (value: number): string => number(language, value);
  return {
    ...words,
    language,
    reason: (code) => reasons[TROUBLES[code]],
    count: (total, all) => `${all ? "共" : "至少"} ${figure(total)} 篇`,
    nothing: (query) => nothing.join(query),
    more: (next) => `再看 ${figure(next)} 篇`,
    added: (shown, total, all) => `已列出 ${figure(shown)} 篇，${all ? "共" : "至少"} ${figure(total)} 篇`,
    pageNumber: (page) => `第 ${page} 版`,
    moreValues: (left) => `再看 ${figure(left)} ${item}`,
    remove: (what) => remove + what,
    field: (name) => names[name] ?? name,
    value: (field, value) => valueName(language, names, field, value),
    figure,
  };
}

const EN_NAMES: Names = {
  date: "Date", from: "From", to: "To", publication: "Publication", edition: "Edition", page: "Page", section: "Section", kind: "Kind",
  reporter: "Reporter", correspondent: "Correspondent", photographer: "Photographer", author: "Author", place: "Place", subject: "Subject",
  "kind=news": "News", "kind=feature": "Feature", "kind=brief": "Brief", "kind=caption": "Picture", "kind=notice": "Notice",
  "kind=slogan": "Slogan", "kind=table": "Table", "kind=orphan": "Fragment",
};

const EN_REASONS: Reasons = {
  network: "The site that holds the archive cannot be reached. Check your connection and try again.",
  archive: "A file of the index is missing or damaged. Try again; if that does not help, tell the people who run this site.",
  version: "The page and the index are of different versions. Reload the page.",
  browser: "This browser cannot run the search. Please use a current one.",
  engine: "The search program failed. Please try again.",
};

const EN: Strings = {
  language: "en",
  box: "Search",
  placeholder: "Words as they were printed",
  hint: "Press / to search, arrow keys to move through the results, Esc to clear",
  clear: "Clear",
  searching: "Searching…",
  retry: "Try again",
  failed: "This search could not be completed.",
  reason: (code) => EN_REASONS[TROUBLES[code]],
  newest: ", the newest first",
  count: (total, all) => `${all ? "" : "at least "}${number("en", total)} ${total === 1 ? "result" : "results"}`,
  nothing: (query) => `Nothing contains “${query}”`,
  nothingHint: "Check the spelling or try fewer words. Words separated by spaces must all occur.",
  more: (next) => `Show ${number("en", next)} more`,
  added: (shown, total, all) => `${number("en", shown)} of ${all ? "" : "at least "}${number("en", total)} results listed`,
  pageNumber: (page) => `Page ${page}`,
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

const DATES = ["date", "from", "to"];

function valueName(language: string, names: Names, field: string, value: string): string {
  return DATES.includes(field) ? longDate(value, language) : (names[`${field}=${value}`] ?? value);
}

/** Those for a page in a language: English unless it is Chinese, as in the pages of the builder. */
export function stringsFor(language: string): Strings {
  if (!/^zh\b/i.test(language)) return EN;
  return chinese(language, isTraditional(language) ? HANT : HANS);
}

function number(language: string, value: number): string {
  return new Intl.NumberFormat(language).format(value);
}
