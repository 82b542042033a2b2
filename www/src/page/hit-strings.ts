/** What the bar of hits says. The pages around it are written by the builder, which has their words. */

import { isTraditional } from "./traditional.js";

export interface HitStrings {
  readonly region: string;
  readonly looking: string;
  readonly none: string;
  readonly failed: string;
  readonly previous: string;
  readonly next: string;
  readonly close: string;
  count(at: number, total: number): string;
}

const HANS: HitStrings = {
  region: "检索到的字句",
  looking: "正在查找……",
  none: "本文中没有",
  failed: "无法标出",
  previous: "上一处（p）",
  next: "下一处（n）",
  close: "取消标记（Esc）",
  count: (at, total) => `${at} / ${total} 处`,
};

const HANT: HitStrings = {
  region: "檢索到的字句",
  looking: "正在尋找……",
  none: "本文中沒有",
  failed: "無法標出",
  previous: "上一處（p）",
  next: "下一處（n）",
  close: "取消標記（Esc）",
  count: (at, total) => `${at} / ${total} 處`,
};

const EN: HitStrings = {
  region: "What was searched for",
  looking: "Looking…",
  none: "Not in this article",
  failed: "Could not be marked",
  previous: "Previous (p)",
  next: "Next (n)",
  close: "Clear marks (Esc)",
  count: (at, total) => `${at} of ${total}`,
};

export function hitStringsFor(language: string): HitStrings {
  if (!/^zh\b/i.test(language)) return EN;
  return isTraditional(language) ? HANT : HANS;
}
