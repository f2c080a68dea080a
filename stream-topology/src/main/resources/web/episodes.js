// Open episodes: what went wrong, how far the fuse went, and what it cost.
import { el, link, valueHref, runHref, age, empty } from './dom.js';
import { show as money } from './money.js';

const RUNG_NAMES = {
  ALERT: 'Alert', THROTTLE: 'Throttle', REQUIRE_APPROVAL: 'Approval', PAUSE: 'Pause', KILL: 'Kill', RESTORE: 'Restore',
};

export function rungMark(rung) {
  return el('span', { class: 'mark', 'data-rung': rung }, RUNG_NAMES[rung] ?? rung);
}

export function episodeList(episodes, currency) {
  if (episodes.length === 0) return empty('No open episodes. Nothing exceeds its policy.');
  return el('ul', { class: 'episodes' }, episodes.map((episode) => episodeItem(episode, currency)));
}

function episodeItem(episode, currency) {
  const href = episode.targetType === 'run' ? runHref(episode.target) : valueHref(episode.targetType, episode.tenant, episode.target);
  return el('li', { 'data-rung': episode.rung },
    el('div', { class: 'episode-head' },
      rungMark(episode.rung),
      el('span', { class: 'kind' }, episode.targetType),
      link(href, episode.target, { class: 'name' }),
      el('time', { datetime: episode.openedAt, title: episode.openedAt, class: 'age' }, `${age(episode.openedAt)} ago`)),
    el('p', { class: 'summary' }, episode.summary),
    el('dl', { class: 'facts' },
      fact('At breach', money(episode.spendAtBreach, currency)),
      fact('After stop', money(episode.spendAfter, currency)),
      fact('Policy', `${episode.policyId} @ ${episode.policyVersion}`),
      fact('Tenant', episode.tenant)));
}

function fact(name, value) {
  return el('div', {}, el('dt', {}, name), el('dd', {}, value));
}
