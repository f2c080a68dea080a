// Chooses the page from the address, asks it to refresh every two seconds, and says how fresh the figures are.
import { show, age, clock } from './dom.js';
import { Refused } from './api.js';
import { Overview } from './overview.js';
import { ValuePage } from './value.js';
import { RunPage } from './run.js';

const EVERY_MS = 2000;
const QUIET_AFTER_MS = 120_000;

const main = document.getElementById('main');
const status = document.getElementById('status');
const statusText = document.getElementById('status-text');
const statusAge = document.getElementById('status-age');
const notice = document.getElementById('notice');
const instance = document.getElementById('instance');

let page = null;
let timer = null;
let answeredAt = null;

function open() {
  const parts = location.hash.replace(/^#\/?/, '').split('/').map(decoded);
  page?.close();
  if (parts[0] === 'costs' && parts.length === 4) page = new ValuePage(main, parts[1], parts[2], parts[3]);
  else if (parts[0] === 'run' && parts.length === 2) page = new RunPage(main, parts[1]);
  else page = new Overview(main);
  document.title = `${page.title} · Fuseline`;
  answeredAt = null;
  say('waiting', 'Connecting');
  refresh();
}

async function refresh() {
  clearTimeout(timer);
  const asked = page;
  if (!document.hidden) {
    try {
      const staleness = await asked.poll();
      if (asked === page && staleness.length > 0) fresh(staleness);
    } catch (failure) {
      if (asked === page) failed(failure);
    }
  }
  if (asked === page) timer = setTimeout(refresh, EVERY_MS);
}

function fresh(staleness) {
  answeredAt = Date.now();
  const newest = staleness.map((each) => each.newestEvent).filter(Boolean).sort().pop();
  instance.textContent = `Answered by ${[...new Set(staleness.map((each) => each.instance))].join(', ')}`;
  if (staleness.some((each) => each.partial)) {
    say('stale', 'Incomplete');
    warn('Some instances could not be asked; what they hold is missing from these figures.');
    return;
  }
  warn(null);
  if (newest && Date.now() - Date.parse(newest) > QUIET_AFTER_MS) say('stale', 'Quiet', `newest span ${age(newest)} ago`);
  else say('live', 'Live', newest ? `newest span ${age(newest)} ago` : 'no spans yet');
}

function failed(failure) {
  const since = answeredAt ? ` Figures are from ${clock(answeredAt)}.` : '';
  if (failure instanceof Refused) {
    say('stale', failure.status === 503 ? 'Rebalancing' : 'No answer');
    warn(`${failure.message} ${failure.problem.action ?? ''}${since}`);
  } else if (failure instanceof TypeError || failure.name === 'TimeoutError') {
    say('gone', 'Unreachable');
    warn(`The pipeline does not answer; asking again every ${EVERY_MS / 1000} seconds.${since}`);
  } else {
    say('gone', 'Page failed');
    warn(`This page failed: ${failure.message}. Reload it; if that does not help, report it.`);
  }
}

/** The word is read out when it changes; the age beside it changes all the time and is not. */
function say(state, word, ageText = '') {
  status.dataset.state = state;
  if (statusText.textContent !== word) statusText.textContent = word;
  statusAge.textContent = ageText;
}

function warn(text) {
  notice.hidden = text === null;
  if (notice.textContent !== (text ?? '')) show(notice, text);
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

document.getElementById('open-run').addEventListener('submit', (event) => {
  event.preventDefault();
  const id = new FormData(event.target).get('run').trim();
  if (id) location.hash = `#/run/${encodeURIComponent(id)}`;
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
document.querySelector('.skip').addEventListener('click', (event) => { event.preventDefault(); main.focus(); });
addEventListener('hashchange', open);
// Chart.js is there by now: it is deferred, and deferred scripts and modules run in the order of the document.
open();
