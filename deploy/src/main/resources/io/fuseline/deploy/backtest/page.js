'use strict';
// Draws the report from the data beside it. Text from spans only ever becomes text nodes.
/* global Chart */
(() => {
  const report = JSON.parse(document.getElementById('data').textContent);
  const { baseline, candidate } = report;
  const LISTED = 200;

  function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(key, value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  const plain = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const fine = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 6 });

  /** Rounded to cents for the eye; below a cent, to six digits. */
  function money(decimal) {
    const size = Math.abs(Number(decimal));
    return (size > 0 && size < 0.01 ? fine : plain).format(decimal);
  }

  /** Exact: subtracts decimal strings of up to twelve fraction digits. */
  function less(one, other) {
    const pico = (decimal) => {
      const [whole, fraction = ''] = decimal.replace('-', '').split('.');
      const size = BigInt(whole + fraction.padEnd(12, '0'));
      return decimal.startsWith('-') ? -size : size;
    };
    const difference = pico(one) - pico(other);
    const digits = (difference < 0n ? -difference : difference).toString().padStart(13, '0');
    return `${difference < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
  }

  function signed(text, value) {
    return Number(value) > 0 ? `+${text}` : text;
  }

  const time = (instant) => `${instant.slice(0, 10)} ${instant.slice(11, 19)}`;
  const words = (name) => name.toLowerCase().replaceAll('_', ' ');
  const count = (number, one, many) => `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;

  function amountCell(decimal, tone, change = false) {
    const zero = Number(decimal) === 0;
    return el('td', { class: `number ${zero ? 'zero' : tone}`, title: `${decimal} ${report.currency}` },
      change ? signed(money(decimal), decimal) : money(decimal));
  }

  function countCell(number, tone = '', change = false) {
    return el('td', { class: `number ${number === 0 ? 'zero' : tone}` },
      change ? signed(number.toLocaleString('en-US'), number) : number.toLocaleString('en-US'));
  }

  function table(headings, bodies) {
    return el('div', { class: 'scroll', tabindex: '0' }, el('table', {},
      el('thead', {}, el('tr', {}, ...headings.map(([title, cls]) => el('th', { scope: 'col', class: cls ?? null }, title)))),
      ...bodies));
  }

  function card(title, note, ...content) {
    return el('section', { class: 'card' }, el('h2', {}, title), note ? el('p', { class: 'note' }, note) : null, ...content);
  }

  // The top: what is compared, and what follows.
  function verdict() {
    const worse = report.regressions.length > 0;
    const saved = less(candidate.total.saved, baseline.total.saved);
    const lost = less(candidate.total.work_lost, baseline.total.work_lost);
    const newly = report.newly_stopped_runs_that_ended_well.length;
    const runs = candidate.total.runs_stopped;
    const change = (decimal) => (Number(decimal) === 0 ? 'as much as the baseline' : `${signed(money(decimal), decimal)} against the baseline`);
    const sentence = [
      `The candidate cuts ${count(runs, 'run', 'runs')} short (baseline: ${baseline.total.runs_stopped}), `,
      `${candidate.total.runs_that_ended_well} of them runs that ended well (baseline: ${baseline.total.runs_that_ended_well}). `,
      `It saves ${money(candidate.total.saved)} ${report.currency} (${change(saved)}) `,
      `and loses ${money(candidate.total.work_lost)} ${report.currency} of good work (${change(lost)}).`,
    ].join('');
    const title = worse ? 'The candidate is worse than the baseline'
      : newly > 0 ? 'Nothing that was asked for makes the candidate worse' : 'The candidate is not worse than the baseline';
    return el('section', { class: worse ? 'card verdict worse' : 'card verdict' },
      el('strong', {}, title), el('p', {}, sentence),
      ...report.regressions.map((each) => el('p', { class: 'bad' }, `${each[0].toUpperCase()}${each.slice(1)}.`)));
  }

  function totals() {
    const rows = [
      ['Alerts', 'alerts', 'what people would have been told'],
      ['Throttles', 'throttles', 'slowed down; saves nothing by itself'],
      ['Stops', 'stops', 'told to wait for approval, to pause, or to end'],
      ['Runs cut short', 'runs_stopped', ''],
      ['of them ended well', 'runs_that_ended_well', 'should not have been stopped', 'bad'],
      ['Saved', 'saved', 'spent after a stop by runs that did not end well', 'good'],
      ['Work lost', 'work_lost', 'spent after a stop by runs that ended well', 'bad'],
      ['Stops not sent', 'stops_not_sent', 'by policies in shadow or warn'],
    ];
    const body = el('tbody', {}, ...rows.map(([title, field, note, tone = '']) => {
      const isMoney = field === 'saved' || field === 'work_lost';
      const [one, other] = [baseline.total[field], candidate.total[field]];
      const cell = isMoney ? amountCell : countCell;
      return el('tr', { class: field === 'runs_that_ended_well' ? 'part' : null },
        el('th', { scope: 'row' }, title, isMoney ? `, ${report.currency}` : '', note ? el('span', { class: 'small block' }, note) : null),
        cell(one, tone), cell(other, tone), cell(isMoney ? less(other, one) : other - one, '', true));
    }));
    return card('In all', '', table([[''], ['Baseline', 'number'], ['Candidate', 'number'], ['Change', 'number']], [body]));
  }

  // Charts.
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawers = [];
  const drawn = [];

  function chart(label, configuration, height) {
    const canvas = el('canvas', { role: 'img', 'aria-label': label });
    drawers.push(() => drawn.push(new Chart(canvas, configuration())));
    const frame = el('div', { class: 'chart' }, canvas);
    if (height) frame.style.height = `${height}px`;
    return frame;
  }

  function axis(more = {}) {
    return { grid: { color: colour('--line') }, ticks: { color: colour('--muted'), font: { size: 11 }, ...more.ticks }, border: { display: false }, ...more.rest };
  }

  function options(scales, more = {}) {
    return {
      animation: false, responsive: true, maintainAspectRatio: false, scales,
      ...more.top,
      plugins: { legend: { position: 'bottom', align: 'start', labels: { color: colour('--muted'), boxWidth: 12, boxHeight: 12 } }, ...more.plugins },
    };
  }

  function spendChart() {
    const { windows } = report.spend;
    const running = (field) => {
      let sum = 0; // for drawing only
      return windows.map((each) => { sum += Number(each.cost) - (field ? Number(each[field]) : 0); return sum; });
    };
    const line = (name, field, token, dash = []) => ({
      label: name, data: running(field), borderColor: colour(token), backgroundColor: colour(token),
      borderWidth: 2, borderDash: dash, pointRadius: windows.length < 3 ? 3 : 0, pointHitRadius: 8, stepped: false,
    });
    const days = report.spend.window === 'PT24H';
    return chart('Spend over time as it was, under the baseline and under the candidate', () => ({
      type: 'line',
      data: {
        labels: windows.map((each) => (days ? each.start.slice(0, 10) : `${each.start.slice(5, 10)} ${each.start.slice(11, 16)}`)),
        datasets: [line('As it was', null, '--actual', [5, 4]), line('Baseline obeyed', 'after_baseline', '--baseline'), line('Candidate obeyed', 'after_candidate', '--candidate')],
      },
      options: options({
        x: axis({ ticks: { maxRotation: 0, autoSkipPadding: 28 }, rest: { grid: { display: false } } }),
        y: axis({ rest: { beginAtZero: true, title: { display: true, text: report.currency, color: colour('--muted') } } }),
      }, {
        top: { interaction: { mode: 'index', intersect: false } },
        plugins: { legend: { position: 'bottom', align: 'start', labels: { color: colour('--muted'), usePointStyle: true, pointStyle: 'line', boxWidth: 26 } } },
      }),
    }), 400);
  }

  /** Policies or detectors that stopped something on either side, with both sides' figures. */
  function both(list) {
    const names = [...new Set([...baseline[list], ...candidate[list]].map((each) => each.name))].sort();
    return names.map((name) => ({
      name, before: baseline[list].find((each) => each.name === name), after: candidate[list].find((each) => each.name === name),
    }));
  }

  /** Bars to the right: what was right to stop, and what was not, of each side. */
  function stacked(list, good, bad, goodName, badName, unit) {
    const rows = both(list).filter(({ before, after }) => before?.stops || after?.stops);
    if (rows.length === 0) return el('p', { class: 'sub' }, 'Neither stops anything.');
    const labels = rows.flatMap(({ name, before, after }) => [...(before ? [`${name} · baseline`] : []), ...(after ? [`${name} · candidate`] : [])]);
    const tallies = rows.flatMap(({ before, after }) => [before, after].filter(Boolean));
    return chart(`${goodName} and ${badName} by ${list}`, () => ({
      type: 'bar',
      data: { labels, datasets: [
        { label: goodName, data: tallies.map(good), backgroundColor: colour('--saved'), maxBarThickness: 20 },
        { label: badName, data: tallies.map(bad), backgroundColor: colour('--lost'), maxBarThickness: 20 }] },
      options: options({
        x: axis({ rest: { stacked: true, beginAtZero: true, title: { display: true, text: unit, color: colour('--muted') } }, ticks: { precision: unit === 'runs' ? 0 : undefined } }),
        y: axis({ rest: { stacked: true, grid: { display: false } } }),
      }, { top: { indexAxis: 'y' } }),
    }), 90 + 30 * labels.length);
  }

  // Tables.
  function tallies(title, list, note) {
    const rows = both(list);
    const cells = (tally) => [
      countCell(tally.alerts), countCell(tally.throttles), countCell(tally.stops), countCell(tally.runs_stopped),
      countCell(tally.runs_that_ended_well, 'bad'), amountCell(tally.saved, 'good'), amountCell(tally.work_lost, 'bad')];
    const bodies = rows.map(({ name, before, after }) => {
      const about = (tally) => [tally.detector && tally.detector !== name ? tally.detector : '', tally.mode && tally.mode !== 'enforce' ? tally.mode : ''].filter(Boolean).join(', ');
      const sides = [['baseline', before], ['candidate', after]].filter(([, tally]) => tally);
      return el('tbody', { class: 'side' }, ...sides.map(([side, tally], index) => el('tr', {},
        el('th', { scope: 'row' }, index === 0 ? name : el('span', { class: 'unseen' }, name), index === 0 && about(tally) ? el('span', { class: 'small' }, ` ${about(tally)}`) : null),
        el('td', { class: 'small' }, sides.length === 1 ? `${side} only` : side), ...cells(tally))));
    });
    return card(title, note, table([
      [list === 'policies' ? 'Policy' : 'Detector'], [''], ['Alerts', 'number'], ['Throttles', 'number'], ['Stops', 'number'], ['Runs cut short', 'number'],
      ['Ended well', 'number'], ['Saved', 'number'], ['Work lost', 'number']], bodies));
  }

  function ended(stop) {
    if (stop.runs.length === 0) return el('span', { class: 'small' }, 'no run went on');
    const well = stop.runs.filter((run) => run.ending === 'well').length;
    if (stop.runs.length === 1) {
      const { ending } = stop.runs[0];
      return el('span', { class: ending === 'well' ? 'bad' : '' }, ending === 'not_told' ? 'not told' : ending);
    }
    return el('span', { class: well > 0 ? 'bad' : '' }, `${well} of ${stop.runs.length} well`);
  }

  const ACTION = { KILL: 'bad', PAUSE: 'warn', REQUIRE_APPROVAL: 'warn' };

  function stopText(stop) {
    return [el('span', { class: `mark ${ACTION[stop.action]}` }, words(stop.action)), ` ${stop.policy_id} `,
      el('span', { class: 'small block' }, `${time(stop.at)} UTC · ${stop.reason}`),
      stop.lifted_at ? el('span', { class: 'small block' }, `lifted ${time(stop.lifted_at)} UTC`) : null];
  }

  function differences(kind, title, note) {
    const all = report.differences.filter((each) => each.kind === kind);
    if (all.length === 0) return card(`${title}: none`, '');
    const body = el('tbody', {}, ...all.slice(0, LISTED).map((each) => {
      const stops = each.candidate.length > 0 ? each.candidate : each.baseline;
      const cell = (list) => el('td', {}, ...(list.length === 0 ? [el('span', { class: 'small' }, 'goes on')]
        : [...stopText(list[0]), list.length > 1 ? el('span', { class: 'small block' }, `and ${count(list.length - 1, 'more stop', 'more stops')}`) : null].filter(Boolean)));
      return el('tr', {},
        el('th', { scope: 'row', class: 'id' }, each.target, el('span', { class: 'small block' }, `${words(each.target_type)}${stops[0].agent_id && each.target_type !== 'AGENT' ? ` of ${stops[0].agent_id}` : ''}${each.tenant_id === 'default' ? '' : `, tenant ${each.tenant_id}`}`)),
        el('td', {}, ended(stops[0])),
        ...(kind === 'NEW' ? [cell(each.candidate)] : kind === 'GONE' ? [cell(each.baseline)] : [cell(each.baseline), cell(each.candidate)]),
        amountCell(each.more_saved, '', true), amountCell(each.more_work_lost, '', true));
    }));
    const sides = kind === 'NEW' ? [['Candidate']] : kind === 'GONE' ? [['Baseline']] : [['Baseline'], ['Candidate']];
    return card(`${title}: ${all.length}`, all.length > LISTED ? `${note} The first ${LISTED}; all are in the JSON report.` : note, table([
      ['Target'], ['Ended'], ...sides, ['Saved, change', 'number'], ['Work lost, change', 'number']], [body]));
  }

  const { runs } = report;
  const total = runs.well + runs.badly + runs.not_told;
  const basis = runs.with_outcome === total ? 'by their outcomes'
    : runs.with_outcome === 0 ? 'by their last span, since no outcome is known' : `${runs.with_outcome} by outcomes, the others by their last span`;
  document.getElementById('page').replaceChildren(
    el('h1', {}, 'Backtest of policies'),
    el('p', { class: 'sub' }, `Candidate ${candidate.policies_from} against baseline ${baseline.policies_from === 'default' ? 'default (the policies that come with Fuseline)' : baseline.policies_from}`),
    el('p', { class: 'sub' }, `${count(report.spans, 'span', 'spans')} of ${count(total, 'run', 'runs')}${report.first_event ? `, ${time(report.first_event)} to ${time(report.last_event)} UTC` : ''}; ${money(report.cost)} ${report.currency} spent${report.rejected ? `; ${count(report.rejected, 'line', 'lines')} rejected` : ''}`),
    el('p', { class: 'sub' }, `${count(runs.well, 'run', 'runs')} ended well, ${runs.badly} badly, ${runs.not_told} not told: judged ${basis}`),
    verdict(),
    el('div', { class: 'pair' }, totals(),
      card('Spend over time', 'Added up from the first span on. The gap under the dashed line is what stops would have held back, good work included.', spendChart())),
    el('div', { class: 'pair' },
      card('Money by policy', 'What stops would have held back. Where several stops cover a span, the first has it.', stacked('policies', (tally) => Number(tally.saved), (tally) => Number(tally.work_lost), 'Saved', 'Work lost', report.currency)),
      card('Runs cut short by detector', 'A run that several detectors stopped stands under each.', stacked('detectors', (tally) => tally.runs_stopped - tally.runs_that_ended_well, (tally) => tally.runs_that_ended_well, 'Did not end well', 'Ended well', 'runs'))),
    differences('NEW', 'New stops', 'The baseline lets these go on. The most work lost comes first.'),
    differences('GONE', 'Stops gone', 'The baseline stops these, the candidate lets them go on.'),
    differences('CHANGED', 'Stopped by both, but otherwise', 'At another time, by another action, or with other cost afterwards.'),
    tallies('By policy', 'policies', 'Every policy of either side, also those that did nothing.'),
    tallies('By detector', 'detectors', ''),
    el('footer', {}, 'The past is taken as it was: what a stop would have held back still counts on budgets that were judged later. Hover over an amount for all its digits.'));

  function draw() {
    drawn.splice(0).forEach((each) => each.destroy());
    drawers.forEach((each) => each());
  }
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
