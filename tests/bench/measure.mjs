// Measures programs and folders.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';

const LOOK = 20; // milliseconds between two looks at a program's memory

/**
 * Runs a program to its end: seconds, and the most memory that it and its children held, where
 * /proc tells (Linux). A program that would take more than three quarters of the free memory is
 * stopped, so that the others can still be measured. Never throws: what went wrong is `failed`.
 */
export function run(command, args, options = {}) {
  const most = 0.75 * available();
  const result = { seconds: 0, peak: 0, output: '', failed: undefined };
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (result.output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (complaint = (complaint + text).slice(-2000)));
    const timer = setInterval(() => look(child, most, result), LOOK);
    const end = (reason) => {
      clearInterval(timer);
      result.seconds = (performance.now() - started) / 1000;
      result.failed ??= reason;
      resolve(result);
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(code === 0 ? undefined : `${signal ?? `exit ${code}`}: ${complaintOf(complaint)}`));
  });
}

function look(child, most, result) {
  const family = descendants(child.pid);
  result.peak = Math.max(result.peak, sum(family.map((pid) => memory(pid, 'VmHWM'))));
  if (sum(family.map((pid) => memory(pid, 'VmRSS'))) < most || result.failed) return;
  result.failed = `out of memory: stopped at ${gigabytes(result.peak)}`;
  for (const pid of family) process.kill(pid, 'SIGKILL');
}

function descendants(pid) {
  const children = tryRead(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendants)];
}

/** One of the kB lines of /proc/PID/status, in bytes; 0 where there is none. */
function memory(pid, field) {
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(tryRead(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** What a process has to itself, in bytes: pages that would be free without it. */
export function privateMemory(pid) {
  const rollup = tryRead(`/proc/${pid}/smaps_rollup`);
  return 1024 * sum([...rollup.matchAll(/^Private_\w+:\s+(\d+)/gm)].map(([, kilobytes]) => Number(kilobytes)));
}

function available() {
  const kilobytes = /^MemAvailable:\s+(\d+)/m.exec(tryRead('/proc/meminfo'))?.[1];
  return kilobytes ? Number(kilobytes) * 1024 : freemem();
}

/** A process may end while it is looked at. */
function tryRead(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function publishedIn(folder) {
  const sizes = filesBelow(folder).map((file) => statSync(file).size);
  return { files: sizes.length, bytes: sum(sizes) };
}

export function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

export function percentile(values, share) {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const mean = (values) => (values.length ? sum(values) / values.length : undefined);
const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`;

/** The line that names the error, among what a program said before it ended. */
function complaintOf(text) {
  const lines = text.trim().split('\n');
  return (lines.find((line) => /error|memory/i.test(line)) ?? lines.at(-1)).trim().slice(0, 200);
}
