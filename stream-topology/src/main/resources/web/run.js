// The page of one delegation tree: who spent what, on what, and in which order.
import * as api from './api.js';
import { el, show, card, figure, table, bar, count, link, valueHref, clock, duration, empty } from './dom.js';
import { show as money, position } from './money.js';
import { episodeList } from './episodes.js';

export class RunPage {
  constructor(root, rootRunId) {
    Object.assign(this, { rootRunId, title: `Run ${rootRunId}` });
    this.state = el('span', { class: 'mark' }, '…');
    this.sub = el('p', { class: 'sub' });
    this.figures = el('dl', { class: 'figures' });
    this.tree = el('div');
    this.episodes = el('div');
    this.tools = el('div');
    this.steps = el('div');
    this.timeline = el('div');
    this.body = el('div', { class: 'stack' },
      this.figures,
      el('div', { class: 'split' }, card('Delegation tree', this.tree), card('Open episodes', this.episodes)),
      el('div', { class: 'split even' }, card('Cost by tool', this.tools), card('Cost by step', this.steps)),
      card('Timeline, newest first', this.timeline));
    show(root,
      el('nav', { class: 'crumbs', 'aria-label': 'Where you are' }, link('#/', 'Overview'), ' / ', 'run'),
      el('div', { class: 'headline' }, el('h1', {}, rootRunId), this.state, this.sub),
      this.body);
  }

  async poll() {
    let run;
    try {
      run = await api.run(this.rootRunId);
    } catch (refused) {
      if (refused.status === 404) this.body.hidden = true;
      throw refused;
    }
    this.body.hidden = false;
    const { currency } = run;
    this.state.textContent = run.state.toLowerCase();
    this.state.dataset.runState = run.state;
    show(this.sub, 'Tenant ', link(valueHref('tenant', run.tenant, run.tenant), run.tenant));
    show(this.figures,
      figure('Cost', money(run.cost, currency), position(run.unpricedBound) > 0 ? `up to ${money(run.unpricedBound, currency)} more unpriced` : 'everything is priced'),
      figure('Spent after stop', money(run.spendAfterStop, currency), '', position(run.spendAfterStop) > 0 ? 'warn' : null),
      figure('Spans', count(run.spans), `${count(run.nodes.length)} runs in the tree`),
      figure('Duration', duration(new Date(run.lastSeen) - new Date(run.firstSeen)), `${clock(run.firstSeen)} to ${clock(run.lastSeen)}`));
    show(this.tree, this.nodes(run));
    show(this.episodes, episodeList(run.episodes, currency));
    show(this.tools, ranked(run.costByTool, currency, 'No tool was called.'));
    show(this.steps, ranked(run.costByStep, currency, 'The spans name no steps.'));
    const top = this.timeline.querySelector('.scroll')?.scrollTop ?? 0;
    show(this.timeline, this.spans(run));
    this.timeline.querySelector('.scroll').scrollTop = top;
    return [run.staleness];
  }

  nodes(run) {
    const rows = inTreeOrder(run.nodes);
    const most = Math.max(...run.nodes.map((node) => position(node.treeCost)));
    return table('Runs of the delegation tree', [
      { title: 'Agent and run' }, { title: 'Own cost', class: 'number' }, { title: 'With runs below', class: 'number' }, { title: 'Share', class: 'bar-column wide' }, { title: 'Spans', class: 'number wide' }],
    rows.map(({ node, depth }) => {
      const name = el('th', { scope: 'row' },
        link(valueHref('agent', run.tenant, node.agentId), node.agentId), el('span', { class: 'run-id' }, node.runId),
        el('span', { class: 'unseen' }, `, level ${depth + 1}`));
      name.style.paddingLeft = `${1.125 + depth * 1.4}rem`;
      if (depth > 0) name.classList.add('child');
      return el('tr', {}, name,
        el('td', { class: 'number' }, money(node.ownCost, run.currency)),
        el('td', { class: 'number strong' }, money(node.treeCost, run.currency)),
        el('td', { class: 'bar-column wide' }, bar(position(node.treeCost) / most)),
        el('td', { class: 'number wide' }, count(node.spans)));
    }));
  }

  spans(run) {
    const agents = new Map(run.nodes.map((node) => [node.runId, node.agentId]));
    const most = Math.max(...run.timeline.map((span) => position(span.cost ?? '0')));
    const element = table('Spans, newest first', [
      { title: 'Time' }, { title: 'Kind' }, { title: 'Name' }, { title: 'Agent', class: 'wide' }, { title: 'Cost', class: 'number' }, { title: 'Share', class: 'bar-column wide' }],
    [...run.timeline].reverse().map((span) => el('tr', { class: span.error ? 'failed' : null },
      el('td', {}, el('time', { datetime: span.time, title: span.time }, clock(span.time))),
      el('td', {}, el('span', { class: 'kind' }, span.kind.toLowerCase())),
      el('td', { title: span.spanId }, span.name, span.error ? el('span', { class: 'mark', 'data-rung': 'KILL' }, 'error') : null),
      el('td', { class: 'wide muted' }, agents.get(span.runId) ?? span.runId),
      el('td', { class: 'number' }, span.cost === null ? el('span', { class: 'unpriced' }, 'unpriced') : money(span.cost, run.currency)),
      el('td', { class: 'bar-column wide' }, bar(position(span.cost ?? '0') / most)))));
    element.classList.add('tall');
    return element;
  }

  close() {}
}

/** Parents before their children, siblings by first appearance. A run whose parent is unknown stands at the top. */
function inTreeOrder(nodes) {
  const known = new Set(nodes.map((node) => node.runId));
  const below = new Map();
  for (const node of [...nodes].sort((a, b) => Date.parse(a.firstSeen) - Date.parse(b.firstSeen))) {
    const parent = known.has(node.parentRunId) ? node.parentRunId : null;
    below.set(parent, [...(below.get(parent) ?? []), node]);
  }
  const rows = [];
  const seen = new Set();
  const visit = (node, depth) => {
    if (seen.has(node.runId)) return; // A loop of parents, which only wrong input can hold.
    seen.add(node.runId);
    rows.push({ node, depth });
    (below.get(node.runId) ?? []).forEach((child) => visit(child, depth + 1));
  };
  (below.get(null) ?? []).forEach((node) => visit(node, 0));
  nodes.forEach((node) => visit(node, 0));
  return rows;
}

function ranked(costs, currency, none) {
  const entries = Object.entries(costs).sort(([, a], [, b]) => position(b) - position(a));
  if (entries.length === 0) return empty(none);
  const most = position(entries[0][1]);
  return el('ol', { class: 'ranked' }, entries.slice(0, 12).map(([name, cost]) => el('li', {},
    el('span', { class: 'name' }, name), el('span', { class: 'number' }, money(cost, currency)), bar(position(cost) / most))));
}
