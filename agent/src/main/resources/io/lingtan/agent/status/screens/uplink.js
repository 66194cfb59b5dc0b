// What has been delivered, what waits, and where to.

export const words = {
  zh: { waiting: '待上送', acked: '已确认到', lastAck: '最近确认', inFlight: '在途', resent: '重发', dropped: '已声明丢弃', disk: '缓存占用', server: '服务器', views: '视图' },
  en: { waiting: 'To send', acked: 'Acknowledged up to', lastAck: 'Last acknowledgement', inFlight: 'In flight', resent: 'Sent again', dropped: 'Declared dropped', disk: 'Journal on disk', server: 'Server', views: 'Views' },
};

export function show(root, { t, age, make, draw }) {
  const count = (value) => value.toLocaleString('en-US');
  const tile = (key, value, note) => make('div', {}, make('dt', {}, t(key)), make('dd', {}, value, note && make('small', {}, ` ${note}`)));
  return {
    update({ uplink, store, views }) {
      draw(root, make('section', {}, make('dl', { class: 'tiles' },
        tile('waiting', count(store.waiting)), tile('acked', count(store.acked), `/ ${count(store.last)}`), tile('lastAck', age(uplink.ack_age_ms)),
        tile('inFlight', count(uplink.in_flight)), tile('resent', count(uplink.resent)), tile('dropped', count(store.dropped)),
        tile('disk', `${(store.bytes / 1e6).toFixed(1)} MB`, `/ ${(store.max_bytes / 1e6).toFixed(0)} MB`), tile('server', uplink.server || t('none')))),
      views.length > 0 && make('section', {}, make('h2', {}, t('views')), views.map((view) => make('p', {}, `${view.kind} · ${view.server} · ${count(view.lag)}`))));
    },
    close() {},
  };
}
