// The shell of the page: header, tabs, the live stream, and what every screen is given. The overview is
// here too; every other screen is a module that is fetched when its tab is first opened. See
// agent/README.md, "The page's modules".
//
// Ages come from the server and grow here by the clock that counts since the page was opened; the
// phone's date and zone are never used.

const WORDS = {
  zh: {
    'tab.overview': '总览', 'tab.meters': '仪表', 'tab.charts': '曲线', 'tab.uplink': '上送', 'tab.events': '事件', 'tab.commission': '调试',
    tabs: '页面', language: '语言', loading: '正在加载…', failed: '这一页还没有加载成功，正在重试…',
    live: '实时', polling: '每 5 秒刷新', lost: '页面已断开', mqttOn: 'MQTT 已连接', mqttOff: 'MQTT 未连接', mqttRefused: 'MQTT 不让发布', mqttNone: '未配置 MQTT，只在本机保存', waiting: '待上送 {n}',
    clockGood: '对时正常', clockBad: '未对时', devices: '仪表 {good}/{all}', alarmed: '{n} 块告警',
    'banner.lost': '页面与网关的连接已断开，下面是 {age}的数据，正在重连。',
    'banner.polling': '实时通道已满，本页每 5 秒刷新一次。',
    'banner.clock': '时钟未对时：数据照常采集，时间戳将在对时后更正。',
    'banner.ahead': '时钟曾超前：{until} 之前没有新的区间；读数照常保存，电量不丢。',
    'banner.demand': '照目前功率，本 15 分钟需量将到 {forecast} kW，超过 {limit} kW；结束前只可用 {may} kW。',
    'banner.sliding': '照目前功率，滑差需量将到 {forecast} kW，超过 {limit} kW；今后 15 分钟只可用 {may} kW。',
    'banner.away': '离线缓存中：{why}',
    'banner.noLines': '还没有线路，什么也不采集：请在站点文件里写明线路和仪表。',
    'banner.refused': '新的站点文件未被采用，仍按原来的运行：{why}',
    'banner.space': '约可再存 {days} 天。',
    'banner.line': '线路 {line}：{why}',
    'banner.stopped': '处理环节 {name} 已停止，请导出诊断包并重启网关。',
    'banner.store': '数据写不进存储：{why} 采集照常；内存里只留最近约 60 秒，再往后的轮询跳过并计数。',
    'banner.overload': '线路 {line} 过载：计划占用 {percent} %，部分轮询会被跳过。请加大 {device} 的采集周期。',
    'banner.backlog': '断点续传中：{n} 条待上送，最早 {age}前，{rate} 条/秒，约 {eta}补完。',
    'banner.backlogSlow': '断点续传中：{n} 条待上送，最早 {age}前。',
    'banner.certificate': '网关证书 {days} 天后到期，请尽快更换。', 'banner.certificateEnded': '网关证书已到期，请更换。',
    todo: '现在要处理', 'todo.none': '● 没有要处理的事', 'todo.unknown': '○ 更早的告警未知', 'todo.more': '还有 {n} 项', 'level.bad': '✖ 告警', 'level.warn': '⚠ 警告', 'mark.bad': '有告警', 'mark.warn': '有警告', 'mark.meter.ratio': '变比不符', toConfirm: '{n} 条未消除',
    'todo.refusing': '服务器不允许本网关发布 {topic}', 'todo.refusing.fix': '数据留在网关上，一条不丢。多半是账号不对：改账号；账号没错，就请平台在权限表里放行。',
    'mark.doubt': '数值存疑', 'doubt.range': '{points}超出可能范围，未采信', 'doubt.suspect': '上一时段电量存疑（停走、跳变或与功率不符）', 'doubt.fix': '看事件说了什么，再与表盘对照；换过表的，写明换表时间和止数、起数。',
    'todo.device': '仪表 {device}：{state}', 'todo.since': '，最后应答 {age}', 'todo.silent': '线路 {line}：{n} 块仪表全部没有应答', 'todo.silent.fix': '检查线路的接线、电源、地址和端口，再扫描一次。', 'todo.ratio': '{device}：站点文件里 {key} 是 {site}，表内是 {meter}', 'todo.ratio.fix': '读数在一致之前不采信：核对铭牌，改对其中一个。', 'todo.residual': '平衡差 {kw} kW，超出 ±{allowed} kW', 'todo.residual.fix': '看哪一块表反向后能合上。', 'wrong.reversed': '{meter}（{device}）：电流方向接反', 'wrong.maybe': '{meter}（{device}）或另一块表：电流方向接反', 'wrong.ratio': '{meter}（{device}）：读数大约是实际的 {factor} 倍', 'wrong.against_role': '{meter}（{device}）：方向与用途相反', 'wrong.turned': '{device}：有一相互感器方向接反', 'wrong.swapped': '{device}：有两相互感器互换', 'wrong.moved': '{device}：三相整体错位', 'wrong.moved_maybe': '{device}：三相功率因数都很低，也可能是三相整体错位', 'wrong.fix': '平衡差和相位连续几次都这样说：核对接线，或在站点文件里改正。',
    'go.scan': '线路扫描', 'go.meter': '看仪表', 'go.meters': '看仪表', 'go.ratio': '倍率核对', 'go.wiring': '接线核对', 'go.clock': '校时', 'go.uplink': '看上送', 'go.site': '站点文件', 'go.line': '改线路', 'go.events': '看事件', 'go.bundle': '诊断包', 'go.broker': '改上送设置',
    'banner.busy': '正在{what}线路 {line}（{by}，{since}开始{left}）：采集照常进行，其他调试请稍候。', 'busy.scan': '扫描', 'busy.read': '试读', 'busy.check': '核对', 'busy.preview': '为预览读取', 'busy.local': '本机命令', 'busy.left': '，约剩 {amount}', simulated: '模拟数据',
    pinTitle: '请输入网关标签上的 PIN', pinWrong: 'PIN 不正确', pinNone: '网关没有可用的 PIN，请查看日志', pinWait: '错误次数过多，请 {n} 秒后再试', pinOk: '确定', cancel: '取消',
    noAnswer: '网关没有应答，请稍后再试',
    ago: '{amount}前', never: '从未', seconds: '{n} 秒', minutes: '{n} 分钟', hours: '{n} 小时', days: '{n} 天',
    text: '纯文本', json: 'JSON', metrics: '监控指标', help: '现场手册', report: '月报', bundle: '诊断包', people: '人员与登录', wall: '大屏', wallEnd: '退出大屏',
    none: '—', noData: '无数据',
    'state.good': '正常', 'state.asleep': '夜间休眠', 'state.stale': '过期', 'state.fault': '通讯异常', 'state.offline': '通讯中断', 'state.never': '从未应答',
    'q.measured': '实测', 'q.derived': '推算', 'q.est_linear': '估算', 'q.est_profile': '估算', 'q.substituted': '人工填报', 'q.partial': '不完整', 'q.suspect': '存疑', 'q.missing': '无数据',
    'why.timeout': '应答超时：检查接线、站号、波特率', 'why.crc': '报文校验错误：检查接线和屏蔽', 'why.sentinel': '仪表报无效值',
    'why.range': '超出量程，不计入合计', 'why.stale': '数据过期', 'why.suspect': '数值存疑', 'why.offline': '通讯中断，定时试探',
    'why.config': '线路或配置无法使用', 'why.lost_pulses': '丢失脉冲', 'why.exception': '仪表拒绝（异常码 {n}）：核对型号文件', 'why.exception.1': '仪表不支持这个功能码（异常码 1）：核对型号文件', 'why.exception.2': '仪表没有这个寄存器（异常码 2）：核对型号文件', 'why.exception.3': '仪表不接受这样的请求（异常码 3）：核对型号文件', 'why.exception.4': '仪表内部故障（异常码 4）：断电重启，仍如此就联系厂家', 'why.exception.6': '仪表正忙（异常码 6）：加大采集周期', 'why.exception.10': '转换网关通道不通（异常码 10）：检查网关的串口设置', 'why.exception.11': '转换网关后没有这个站号的应答（异常码 11）：扫描线路，核对站号和接线', 'why.tcp': '应答超时：检查网线、电源、地址端口和站号',
    flow: '实时功率', 'flow.none': '站点文件里还没有计量点（metering.meters）。', 'flow.pv': '光伏', 'flow.grid': '电网', 'flow.chp': '热电', 'flow.battery': '储能', 'flow.load': '负荷', 'flow.h2': '制氢', 'flow.tank': '储氢压力', 'flow.dispenser': '加氢累计',
    'flow.partly': '缺 {n} 块表', 'flow.withOld': '含过期值', 'flow.compressor': '含压缩 {kw} kW',
    'way.pv.out': '发电', 'way.pv.in': '耗电', 'way.pv.idle': '待机', 'way.pv.unknown': '未知',
    'way.grid.out': '下网', 'way.grid.in': '上网', 'way.grid.idle': '平衡', 'way.grid.unknown': '未知',
    'way.chp.out': '发电', 'way.chp.in': '耗电', 'way.chp.idle': '待机', 'way.chp.unknown': '未知',
    'way.battery.out': '放电', 'way.battery.in': '充电', 'way.battery.idle': '待机', 'way.battery.unknown': '未知',
    'way.load.out': '倒送', 'way.load.in': '用电', 'way.load.idle': '待机', 'way.load.unknown': '未知',
    'way.h2.out': '倒送', 'way.h2.in': '耗电', 'way.h2.idle': '待机', 'way.h2.unknown': '未知',
    residual: '平衡差', 'residual.lacking': '缺 {names} 的当前值', 'residual.unmetered': '含未计量负荷',
    today: '今日碳效', 'today.partial': '◷ 当日数据不全', 'today.none': '今天还没有结束的区间。', 'tile.est': '其中估算 {n} %', 'tile.sure': '扩展不确定度（95 %，k = 2）：来自电表和互感器的准确度等级，以及排放因子公布的不确定度', 'tile.estOf': '所依据的量中估算 {n} %',
    'tile.elec.pv.generation': '光伏发电量', 'tile.elec.grid.import': '下网电量', 'tile.elec.grid.export': '上网电量', 'tile.elec.load.total': '用电量', 'tile.kpi.self_sufficiency': '自给率', 'tile.kpi.self_consumption': '自发自用率',
    'tile.co2.total': '碳排放', 'tile.covers': '只含 {of}', 'covers.co2.scope1.natural_gas': '天然气', 'covers.co2.scope2.location': '外购电', 'covers.co2.scope2.heat': '外购热', 'covers.co2.scope1.diesel': '柴油', 'covers.co2.scope1.petrol': '汽油', 'covers.co2.scope1.lpg': '液化石油气', 'covers.co2.scope1.lng': '液化天然气', 'covers.co2.scope1.refrigerants': '制冷剂', 'covers.co2.scope2.steam': '外购蒸汽', 'covers.co2.scope2.hot_water': '外购热水', 'tile.co2.avoided': '光伏减排量', 'tile.tce.total': '折标煤（当量值）', 'tile.tce.equal_value': '折标煤（等价值）', 'tile.h2.produced': '产氢量', 'tile.h2.storage_mass': '储氢量', 'tile.h2.sec': '制氢电耗', 'tile.h2.sec_nm3': '制氢电耗（每标方）', 'tile.h2.ci': '氢气碳强度',
    factor: '因子 {id}：{value} {unit}，版本 {version}', 'factor.provisional': '沿用上一年', 'factor.non_official': '非官方', 'factor.unconfirmed': '待核对', 'factor.demo': '演示值',
    lines: '线路', 'line.used': '占用 {n} %', 'line.planned': '计划 {n} %', 'line.answer': '应答 {good}/{all}', 'line.skipped': '跳过 {n} 次', 'line.strangers': '发现其他主站 {n} 次', 'line.shared': '{n} 个其他主站经 {where} 读取',
    health: '网关健康', 'health.stages': '处理环节', 'health.running': '全部运行', 'health.clock': '对时', 'clock.by': '正常（{source}）', 'source.ntp': '网络对时', 'source.rtc': '硬件时钟', 'source.phone': '手机', 'source.system': '系统时钟', 'health.ack': '最近确认', 'health.store': '缓存', 'health.days': '断网可存', 'health.daysLeft': '约 {n} 天', 'health.free': '磁盘剩余', 'health.written': '写入量', 'health.perDay': '{n}/天', 'health.certificate': '证书剩余', 'health.software': '软件版本',
    first: '还没有仪表', 'first.1': '接线', 'first.1.how': '断电后接好 RS-485（A、B、屏蔽层单点接地）或网线，核对站号和波特率。', 'first.2': '扫描', 'first.2.how': '在“调试”的“站点文件”里先添加线路，再用“线路扫描”看哪些站号有应答、像哪一种仪表。', 'first.3': '核对', 'first.3.how': '从扫描结果把仪表加进站点文件，再用“倍率核对”把读数与表盘显示逐块对照。',
    'no.many': '一分钟内次数过多，请一分钟后再试。', 'no.busy': '另一项调试正在占用线路 {line}（已 {seconds} 秒）：请等它结束。', 'no.stopping': '网关正在停止。', 'no.not_here': '这台网关没有这个功能。', 'no.not_understood': '网关无法识别：{why}', 'no.no_event': '最近的事件里没有这一条：请重新打开列表。', 'no.queue_full': '写入存储的队列已满：请一分钟后再试。',
    'no.no_line': '站点里没有这条线路或仪表；现有线路：{names}。', 'no.not_polled': '线路 {line} 不是轮询的，不能手动试读；最近的数值在“仪表”页。', 'no.nothing_shown': '表盘显示接近零，比不出倍数：等有电流时再比，或改比电能。', 'no.shown_form': '表盘读数“{shown}”不是数字：最多 12 位，小数点后最多 6 位。',
    'no.clock_form': '手机时间不在 2025 至 2099 年之间：请先把手机时间调对。', 'no.clock_not_trusted': '站点文件不接受手机校时：在 clock.trust 里加上 phone。', 'no.clock_not_needed': '时钟已由网络保证，不需要手机校时。',
    'no.file_edited': '站点文件被人手工改过，与正在运行的不同：请先让网关重新读取（systemctl reload lingtan）。', 'no.said_already': '站点文件里已经是这样。', 'no.feed_refused': '未采用：{why}', 'no.no_file_before': '没有更早的站点文件可以换回。', 'no.file_unreadable': '站点文件读不出来：{why}', 'no.file_unwritable': '站点文件写不进去（{why}）：请给网关程序的用户该目录的写权限，或手工修改。', 'no.bad_site_file': '这样改，站点文件就有错：{why}', 'no.file_form': '没有采用：{why}。', 'no.needs_start': '只有重新启动才能改：{what}', 'no.value': '{name} 不能是“{value}”{form}。', 'no.by_hand': '站点文件里没有它，或写法特殊不便自动修改，请手工改：{why}', 'no.other_proposal': '这不是最近看过的改动：请再预览一次改动。', 'no.change_under_way': '另一处改动正在生效：请稍候。', 'no.file_changed': '看过之后站点文件又变了：请再预览一次改动。',
    'no.no_key': '签名密钥存不下来，做出的记录无人能核验：请让网关程序能写 journal.key_file，再重新启动。', 'no.record_unwritable': '记录存不下来（{why}）：请给网关程序的用户该目录的写权限。', 'no.record_soon': '刚刚生成过一份：先看看那份。', 'no.technician': '请写调试人员姓名：一行，最多 64 个字。', 'no.note': '备注是一行，最多 500 个字。', refused: '网关没有执行：{why}',
    'link.unknown_host': '{server}：查不到这个主机名，检查 mqtt.servers 和 DNS。', 'link.unreachable': '{server}：连不上，检查服务器是否运行、地址端口、网线和路由。', 'link.timeout': '{server}：没有及时应答，检查地址、端口和防火墙。', 'link.no_mqtt5': '{server}：不支持 MQTT 5，请在服务器上打开或换一个；数据都留在网关上。', 'link.password': '{server}：用户名、密码或客户端证书不对，检查 mqtt.user、mqtt.password_file 或 mqtt.tls.cert。', 'link.not_authorised': '{server}：不允许本网关连接或发布，检查服务器上的权限。', 'link.tls': '{server}：TLS 握手失败，检查双方证书、CA 和网关时钟。', 'link.config': '{server}：本机的证书或密码文件不能用，检查 mqtt.tls 和权限。', 'link.taken_over': '{server}：另一台设备用同一个编号登录，请改掉其中一台的网关编号。', 'link.packet_too_large': '{server}：有一条消息超过服务器上限，之后改发小的。', 'link.broker_busy': '{server}：服务器忙或正在停机，会自动重试。', 'link.refused': '{server}：服务器拒绝，原因看服务器日志。', 'link.closed': '{server}：连接断了，会自动重试；从未连上过时检查端口和是否要 TLS。', 'link.bad_packet': '{server}：服务器转来了不合规的报文，已断开重连。报文的主题见日志，请查是谁发布的。', 'link.stuck': '{server}：连着但收不到确认，正在重连。',
    'form.unit': '：是 1 到 247 的数字', 'form.ct': '：是数字，如 80 或 0.5', 'form.pt': '：是数字，如 100', 'form.rated_kw': '：是数字，如 400', 'form.every': '：是数字加单位，如 5s 或 500ms', 'form.address': '：只要铭牌上的数字', 'form.id': '：只用英文字母、数字、- 和 _', 'form.host': '：写 IP 或主机名，不带 http://', 'form.port': '：网口写 1 到 65535，串口写 /dev/…', 'form.servers': '：写成 mqtts://主机:8883 或 mqtt://主机:1883', 'form.user': '：最多 128 个字，不含引号和反斜杠', 'form.region': '：写 CN-JS 这样的地区', 'form.factors': '：至少选一个', 'form.accept': '：全不要时在站点文件里删掉 carbon.accept', 'form.tariff': '：不再分时段时在站点文件里删掉 metering.tariff',
    'never.hint': '从开通到现在没有一次成功应答：请先核对站号、波特率和校验位。',
  },
  en: {
    'tab.overview': 'Overview', 'tab.meters': 'Meters', 'tab.charts': 'Charts', 'tab.uplink': 'Uplink', 'tab.events': 'Events', 'tab.commission': 'Commission',
    tabs: 'Screens', language: 'Language', loading: 'Loading…', failed: 'This screen has not come yet: trying again…',
    live: 'live', polling: 'every 5 s', lost: 'disconnected', mqttOn: 'MQTT connected', mqttOff: 'MQTT away', mqttRefused: 'MQTT refuses', mqttNone: 'no broker, kept here alone', waiting: '{n} to send',
    clockGood: 'clock in sync', clockBad: 'clock not in sync', devices: 'meters {good}/{all}', alarmed: '{n} in alarm',
    'banner.lost': 'The page has lost the gateway: what you see is from {age}. Connecting again.',
    'banner.polling': 'All live streams are taken: this page is renewed every 5 s.',
    'banner.clock': 'The clock is not in sync: data is collected, its timestamps will be corrected.',
    'banner.ahead': 'The clock was ahead: there is no new interval before {until}. Readings are kept and no energy is lost.',
    'banner.demand': 'With the present power the demand of these 15 minutes becomes {forecast} kW, above {limit} kW: until their end draw no more than {may} kW.',
    'banner.sliding': 'With the present power the sliding demand becomes {forecast} kW, above {limit} kW: for the next 15 minutes draw no more than {may} kW.',
    'banner.away': 'Kept on the gateway, not sent: {why}',
    'banner.noLines': 'Nothing is read yet: the site file names no lines.',
    'banner.refused': 'The site file is refused, the one before goes on: {why}',
    'banner.space': 'Room for about {days} days.',
    'banner.line': 'Line {line}: {why}',
    'banner.stopped': 'Stage {name} has stopped: save the diagnostics bundle and restart the gateway.',
    'banner.store': 'Data cannot be written to storage: {why} Polls go on: about 60 s are kept in memory, what comes after is skipped and counted.',
    'banner.overload': 'Line {line} is overloaded: {percent} % planned, some polls are left out. Give {device} a longer period.',
    'banner.backlog': 'Catching up: {n} records to send, oldest from {age} ago, {rate}/s, done in about {eta}.',
    'banner.backlogSlow': 'Catching up: {n} records to send, oldest from {age} ago.',
    'banner.certificate': "The gateway's certificate ends in {days} days: replace it soon.", 'banner.certificateEnded': "The gateway's certificate has ended: replace it.",
    todo: 'To do now', 'todo.none': '● Nothing to do', 'todo.unknown': '○ Older alarms not known', 'todo.more': '{n} more', 'level.bad': '✖ Alarm', 'level.warn': '⚠ Warning', 'mark.bad': 'alarm', 'mark.warn': 'warning', 'mark.meter.ratio': 'ratio differs', toConfirm: '{n} active',
    'todo.refusing': 'The broker does not let this gateway publish {topic}', 'todo.refusing.fix': 'Nothing is lost, all waits here. Mostly the account is another one: correct it; if it is right, have the topic allowed in the broker\'s ACL.',
    'mark.doubt': 'value doubtful', 'doubt.range': '{points}: beyond what is possible, not believed', 'doubt.suspect': 'its energy of the last interval is suspect (stuck, jumping, or not what its power makes)', 'doubt.fix': 'See what the events say, then compare it with its display; of an exchanged meter write when, the old reading and the new one.',
    'todo.device': 'Meter {device}: {state}', 'todo.since': ', last answer {age}', 'todo.silent': 'Line {line}: none of its {n} meters answers', 'todo.silent.fix': "Check the line's wiring, power, address and port, then scan it.", 'todo.ratio': '{device}: {key} is {site} in the site file and {meter} in the meter', 'todo.ratio.fix': 'Its readings are not used until both agree: compare with the plate and correct one of them.', 'todo.residual': 'Residual {kw} kW, beyond ±{allowed} kW', 'todo.residual.fix': 'See which meter closes the balance when it is reversed.', 'wrong.reversed': '{meter} ({device}): current is reversed', 'wrong.maybe': '{meter} ({device}) or another: current is reversed', 'wrong.ratio': '{meter} ({device}): the reading is about {factor} times the real value', 'wrong.against_role': '{meter} ({device}): the wrong way for what it is', 'wrong.turned': '{device}: the transformer of one phase is reversed', 'wrong.swapped': '{device}: the transformers of two phases are exchanged', 'wrong.moved': '{device}: all phases are moved by one', 'wrong.moved_maybe': '{device}: three low power factors; all phases may be moved by one', 'wrong.fix': 'Balance and phases have said so several times: check the wiring, or correct the site file.',
    'go.scan': 'Scan the line', 'go.meter': 'See the meter', 'go.meters': 'See the meters', 'go.ratio': 'Ratio check', 'go.wiring': 'Wiring check', 'go.clock': 'Set the clock', 'go.uplink': 'See the uplink', 'go.site': 'Site file', 'go.line': 'Change the line', 'go.events': 'See the events', 'go.bundle': 'Bundle', 'go.broker': 'Broker settings',
    'banner.busy': '{what} of line {line} under way ({by}, begun {since}{left}): polls go on, other tools wait.', 'busy.scan': 'Scan', 'busy.read': 'Test read', 'busy.check': 'Check', 'busy.preview': 'A read for a preview', 'busy.local': 'a command on the gateway', 'busy.left': ', about {amount} left', simulated: 'simulated data',
    pinTitle: "PIN from the gateway's label", pinWrong: 'The PIN is wrong', pinNone: 'This gateway has no PIN: see its log', pinWait: 'Too many wrong PINs: try again in {n} s', pinOk: 'OK', cancel: 'Cancel',
    noAnswer: 'No answer from the gateway: try again',
    ago: '{amount} ago', never: 'never', seconds: '{n} s', minutes: '{n} min', hours: '{n} h', days: '{n} days',
    text: 'plain text', json: 'JSON', metrics: 'metrics', help: 'field card', report: 'monthly report', bundle: 'diagnostics bundle', people: 'technicians', wall: 'wall display', wallEnd: 'End wall display',
    none: '—', noData: 'no data',
    'state.good': 'good', 'state.asleep': 'asleep until sunrise', 'state.stale': 'stale', 'state.fault': 'no good answer', 'state.offline': 'comms lost', 'state.never': 'never answered',
    'q.measured': 'measured', 'q.derived': 'derived', 'q.est_linear': 'estimated', 'q.est_profile': 'estimated', 'q.substituted': 'typed in', 'q.partial': 'partial', 'q.suspect': 'suspect', 'q.missing': 'no data',
    'why.timeout': 'no answer: check wiring, unit id, baud rate', 'why.crc': 'damaged answer: check wiring and shield', 'why.sentinel': 'the meter says not available',
    'why.range': 'out of range, not in totals', 'why.stale': 'stale', 'why.suspect': 'suspect', 'why.offline': 'comms lost, asked from time to time',
    'why.config': 'the line or its configuration cannot be used', 'why.lost_pulses': 'pulses lost', 'why.exception': 'refused by the meter (exception {n}): check the profile', 'why.exception.1': 'the meter does not have this function (exception 1): check the profile', 'why.exception.2': 'the meter does not have this register (exception 2): check the profile', 'why.exception.3': 'the meter does not take such a request (exception 3): check the profile', 'why.exception.4': 'fault inside the meter (exception 4): switch it off and on, else ask its maker', 'why.exception.6': 'the meter is busy (exception 6): give it a longer period', 'why.exception.10': 'the converter has no path to it (exception 10): check its serial settings', 'why.exception.11': 'nobody answers at this unit id behind the converter (exception 11): scan the line, check unit id and wiring', 'why.tcp': 'no answer: check cable, power, address, port and unit id',
    flow: 'Power now', 'flow.none': 'The site file has no metering points yet (metering.meters).', 'flow.pv': 'PV', 'flow.grid': 'Grid', 'flow.chp': 'CHP', 'flow.battery': 'Storage', 'flow.load': 'Load', 'flow.h2': 'H₂', 'flow.tank': 'H₂ tank', 'flow.dispenser': 'Filled in all',
    'flow.partly': '{n} meters lacking', 'flow.withOld': 'with stale values', 'flow.compressor': 'compressor {kw}',
    'way.pv.out': 'yield', 'way.pv.in': 'taking', 'way.pv.idle': 'idle', 'way.pv.unknown': 'unknown',
    'way.grid.out': 'import', 'way.grid.in': 'export', 'way.grid.idle': 'even', 'way.grid.unknown': 'unknown',
    'way.chp.out': 'yield', 'way.chp.in': 'taking', 'way.chp.idle': 'idle', 'way.chp.unknown': 'unknown',
    'way.battery.out': 'discharge', 'way.battery.in': 'charge', 'way.battery.idle': 'idle', 'way.battery.unknown': 'unknown',
    'way.load.out': 'feeding', 'way.load.in': 'using', 'way.load.idle': 'idle', 'way.load.unknown': 'unknown',
    'way.h2.out': 'feeding', 'way.h2.in': 'using', 'way.h2.idle': 'idle', 'way.h2.unknown': 'unknown',
    residual: 'Residual', 'residual.lacking': '{names} not present', 'residual.unmetered': 'unmetered load included',
    today: 'Carbon today', 'today.partial': '◷ part of the day', 'today.none': 'No interval of today has ended yet.', 'tile.est': '{n} % of it estimated', 'tile.sure': 'expanded uncertainty (95 %, k = 2): from the classes of meters and transformers, and what the factor states', 'tile.estOf': '{n} % of what it rests on is estimated',
    'tile.elec.pv.generation': 'PV yield', 'tile.elec.grid.import': 'Grid import', 'tile.elec.grid.export': 'Grid export', 'tile.elec.load.total': 'Consumption', 'tile.kpi.self_sufficiency': 'Self-sufficiency', 'tile.kpi.self_consumption': 'Self-use',
    'tile.co2.total': 'Carbon', 'tile.covers': 'of {of} only', 'covers.co2.scope1.natural_gas': 'gas', 'covers.co2.scope2.location': 'electricity', 'covers.co2.scope2.heat': 'heat', 'covers.co2.scope1.diesel': 'diesel', 'covers.co2.scope1.petrol': 'petrol', 'covers.co2.scope1.lpg': 'LPG', 'covers.co2.scope1.lng': 'LNG', 'covers.co2.scope1.refrigerants': 'refrigerants', 'covers.co2.scope2.steam': 'steam', 'covers.co2.scope2.hot_water': 'hot water', 'tile.co2.avoided': 'Avoided by PV', 'tile.tce.total': 'Standard coal (equivalent)', 'tile.tce.equal_value': 'Standard coal (equal value)', 'tile.h2.produced': 'Hydrogen made', 'tile.h2.storage_mass': 'Hydrogen stored', 'tile.h2.sec': 'Electricity for 1 kg', 'tile.h2.sec_nm3': 'Electricity for 1 Nm³', 'tile.h2.ci': 'Hydrogen intensity',
    factor: 'Factor {id}: {value} {unit}, version {version}', 'factor.provisional': "last year's", 'factor.non_official': 'not official', 'factor.unconfirmed': 'unconfirmed', 'factor.demo': 'for show',
    lines: 'Lines', 'line.used': '{n} % in use', 'line.planned': '{n} % planned', 'line.answer': '{good}/{all} answer', 'line.skipped': '{n} skipped', 'line.strangers': 'another master heard {n} times', 'line.shared': '{n} other masters read at {where}',
    health: 'Gateway', 'health.stages': 'Stages', 'health.running': 'all run', 'health.clock': 'Clock', 'clock.by': 'in sync ({source})', 'source.ntp': 'NTP', 'source.rtc': 'RTC', 'source.phone': 'a phone', 'source.system': 'the system', 'health.ack': 'Last acknowledgement', 'health.store': 'Journal', 'health.days': 'Room if offline', 'health.daysLeft': 'about {n} days', 'health.free': 'Disk left', 'health.written': 'Written', 'health.perDay': '{n} a day', 'health.certificate': 'Certificate ends in', 'health.software': 'Software',
    first: 'No meters yet', 'first.1': 'Wire', 'first.1.how': 'With the power off, connect RS-485 (A, B, shield earthed at one end) or Ethernet; note unit ids and baud rate.', 'first.2': 'Scan', 'first.2.how': 'Under Commission, add the line to the site file, then scan it: which units answer, and which meter they look like.', 'first.3': 'Check', 'first.3.how': "Add the meters that the scan found to the site file, then compare each reading with the meter's own display.",
    'no.many': 'More than 30 in a minute: wait a minute.', 'no.busy': 'Something else keeps line {line} busy, for {seconds} s now: wait for its end.', 'no.stopping': 'The agent is being stopped.', 'no.not_here': 'This agent does not do that.', 'no.not_understood': 'Not understood: {why}', 'no.no_event': 'There is no such event among the newest: load the list again.', 'no.queue_full': 'The queue to the journal is full: try again in a minute.',
    'no.no_line': 'The site has no such line or device; its lines: {names}.', 'no.not_polled': 'Line {line} is not polled, so that nothing can be asked there; its last values are under Meters.', 'no.nothing_shown': 'A display that shows next to nothing tells no factor: wait until something flows, or take the energy.', 'no.shown_form': "'{shown}' is no number of up to 12 digits and 6 decimals.",
    'no.clock_form': "The phone's time is not between 2025 and 2099: set it first.", 'no.clock_not_trusted': 'The site file does not trust a phone: add phone to clock.trust.', 'no.clock_not_needed': 'The clock is kept by the network: no phone is needed.',
    'no.file_edited': 'The site file was changed by hand and is not the one that runs: have it read again first (systemctl reload lingtan).', 'no.said_already': 'The site file says so already.', 'no.feed_refused': 'Not taken: {why}', 'no.no_file_before': 'There is no site file before this one.', 'no.file_unreadable': 'The site file cannot be read: {why}', 'no.file_unwritable': "The site file cannot be written ({why}): give the agent's user its folder, or write the change by hand.", 'no.bad_site_file': 'It would not be a good site file: {why}', 'no.file_form': 'Not taken: {why}.', 'no.needs_start': 'Only a new start changes that: {what}', 'no.value': "{name} cannot be '{value}'{form}.", 'no.by_hand': 'The site file does not have it, or writes it in a way that only a person should change: {why}', 'no.other_proposal': 'That is not what was proposed last: look at the change once more.', 'no.change_under_way': 'A change is being made: wait until it is over.', 'no.file_changed': 'The site file was changed meanwhile: look at the change once more.',
    'no.no_key': 'The signing key cannot be kept, so nobody could check the record: let the agent write journal.key_file, and start it again.', 'no.record_unwritable': "The record cannot be written ({why}): let the agent's user write there.", 'no.record_soon': 'One was made just now: look at that first.', 'no.technician': 'Who answers for the record? One line of at most 64 characters.', 'no.note': 'A note is one line of at most 500 characters.', refused: 'The gateway did not do it: {why}',
    'link.unknown_host': '{server}: this host name is not known here; check mqtt.servers and the DNS.', 'link.unreachable': '{server}: no way there, or nobody listens; check that the broker runs, host, port, cable and route.', 'link.timeout': '{server}: no answer in time; check host, port and firewall.', 'link.no_mqtt5': '{server}: does not speak MQTT 5; switch it on or use another broker. Everything is kept here.', 'link.password': '{server}: user name, password or client certificate is wrong; check mqtt.user, mqtt.password_file or mqtt.tls.cert.', 'link.not_authorised': "{server}: this gateway may not connect or publish; check the broker's permissions.", 'link.tls': "{server}: TLS failed; check both certificates, the CA and the gateway's clock.", 'link.config': '{server}: a certificate or password file here cannot be used; check mqtt.tls and permissions.', 'link.taken_over': '{server}: another client connected with this id; change one of the two gateways.', 'link.packet_too_large': '{server}: a message was too large for it; smaller ones are sent from now on.', 'link.broker_busy': '{server}: busy or going down; trying again.', 'link.refused': "{server}: refused; see the broker's log.", 'link.closed': '{server}: the connection ended; trying again. If it never was there: check the port, and whether TLS is wanted.', 'link.bad_packet': '{server}: it sent a packet that MQTT does not allow; connecting anew. The log has its topic: find out who publishes there.', 'link.stuck': '{server}: connected, but nothing is acknowledged; connecting anew.',
    'form.unit': ': a number from 1 to 247', 'form.ct': ': a number such as 80 or 0.5', 'form.pt': ': a number such as 100', 'form.rated_kw': ': a number such as 400', 'form.every': ': a number with its unit, such as 5s or 500ms', 'form.address': ': the digits on the plate alone', 'form.id': ': letters, digits, - and _ alone', 'form.host': ': an IP address or a name, without http://', 'form.port': ': 1 to 65535, or /dev/… of a serial port', 'form.servers': ': mqtts://HOST:8883 or mqtt://HOST:1883', 'form.user': ': at most 128 characters, no quotes, no backslash', 'form.region': ': such as CN-JS', 'form.factors': ': choose at least one', 'form.accept': ': to accept none, take carbon.accept out of the site file', 'form.tariff': ': to split no more, take metering.tariff out of the site file',
    'never.hint': 'Not one good answer since set-up: check unit id, baud rate and parity first.',
  },
};
export const words = WORDS;

const MARKS = { good: '●', asleep: '☾', stale: '◷', fault: '✖', offline: '✖', never: '○' };
const QUALITY_MARKS = { est_linear: '≈', est_profile: '≈', substituted: '≈', partial: '◷', suspect: '⚠', missing: '○' };
const WORSE = ['measured', 'derived', 'est_linear', 'est_profile', 'substituted', 'partial', 'suspect', 'missing'];
const UNITS = { 'kW.h': 'kWh', 'kg/(kW.h)': 'kg/kWh', 'kW.h/kg': 'kWh/kg', Cel: '°C', m3: 'm³', 'm3/h': 'm³/h', 1: '' };
const DOUBTED = ['range', 'suspect'];
const SILENCE_MS = 5000;
const WATCH_MS = 250; // so that 5 s of silence are noticed before they are 6
const RETRY_STREAM_MS = 30000;
const LITTLE_ROOM_DAYS = 2;
const RETRY_SCREEN_MS = 2000;
const ORDER = ['overview', 'meters', 'charts', 'uplink', 'events', 'commission'];
const SVG = 'http://www.w3.org/2000/svg';
const byId = (id) => document.getElementById(id);

// ---- what every screen is given -------------------------------------------------------------------

// Chinese and English are in the modules; each further language is a file of its own, which is fetched when it is chosen.
const LANGUAGES = ['zh', 'en', ...document.body.dataset.languages.split(' ').filter(Boolean)];
let language = navigator.language.startsWith('zh') ? 'zh' : 'en';
let third = null; // the language file that is in use
let filled = new Map(); // by module: its words of that language
let snapshot = JSON.parse(byId('snapshot').textContent);
let taken = performance.now();
let link = 'live'; // live, polling, or lost
let stream;
let heard = taken;
let opened = taken;
let polled = taken;
let drawnAt = taken;

function remembered() {
  try {
    const kept = localStorage.getItem('language');
    return LANGUAGES.includes(kept) ? kept : null;
  } catch {
    return null; // storage is shut
  }
}

function remember(chosen) {
  try {
    localStorage.setItem('language', chosen);
  } catch {
    // it holds until the page is closed
  }
}

/** A module's words in the chosen language. What a language file lacks is English, and says so. */
function own(name, words) {
  if (words[language]) return words[language];
  if (!filled.has(name)) filled.set(name, Object.fromEntries(Object.entries(words.en).map(([key, text]) => [key, third.words[name]?.[key] ?? `${text} [en]`])));
  return filled.get(name);
}
const said = () => own('app', WORDS);

async function choose(wanted) {
  if (!['zh', 'en'].includes(wanted)) third = await import(`/words/${wanted}.js`);
  filled = new Map();
  language = wanted;
}

/** What an event means, or (suffix "_do") what to do about it. */
function sentence(event, suffix = '') {
  const known = event[`${language}${suffix}`] ?? third?.words.sentences[`${event.event}${suffix}`];
  return known ?? (event[`en${suffix}`] && `${event[`en${suffix}`]} [en]`);
}

function translate(dictionaries, key, values) {
  const text = dictionaries.map((each) => each[key]).find((each) => each !== undefined) ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all) : text;
}
const t = (key, values) => translate([said()], key, values);

/** An element: attributes (class, data-*, href ...), then children; null and false are left out. */
function make(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function drawn(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Makes a parent's children like these, keeping what is the same: focus, scroll and selection stay. */
function draw(parent, ...children) {
  const fresh = children.flat(9).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(child)));
  const old = [...parent.childNodes];
  fresh.forEach((child, i) => {
    if (i < old.length) renew(old[i], child);
    else parent.append(child);
  });
  old.slice(fresh.length).forEach((child) => child.remove());
}

function renew(old, fresh) {
  if (old.nodeName !== fresh.nodeName || (old.dataset?.key ?? '') !== (fresh.dataset?.key ?? '')) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (!old.hasAttribute('data-own')) draw(old, ...fresh.childNodes);
  }
}

function span(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 120) return t('seconds', { n: seconds });
  if (seconds < 7200) return t('minutes', { n: Math.floor(seconds / 60) });
  return seconds < 172800 ? t('hours', { n: Math.floor(seconds / 3600) }) : t('days', { n: Math.floor(seconds / 86400) });
}

/** How long ago in words; the age is as the snapshot has it, and grows since. */
function age(milliseconds) {
  if (milliseconds === null || milliseconds === undefined || milliseconds < 0) return t('never');
  return t('ago', { amount: span(milliseconds + performance.now() - taken) });
}

/** A unit as people write it. */
function symbolOf(unit) {
  return UNITS[unit] ?? unit.replace('{ce}', 'ce').replace('{CO2e}', ' CO₂e').replace(/\(kW\.h\)|kW\.h/g, 'kWh').replace(/m3$/, 'm³');
}

/** Value and unit as two texts: few digits, watts as kilowatts where they are many; absent is "—". */
function amount(value, unit) {
  const symbol = symbolOf(unit ?? '');
  if (value === null || value === undefined) return [t('none'), symbol];
  if (typeof value === 'string') return [value, ''];
  const scaled = unit === 'W' && Math.abs(value) >= 1000 ? value / 1000 : value;
  const size = Math.abs(scaled);
  const places = symbol === 'W' || symbol === 'V' ? 1 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  const text = size > 0 && size < 0.0005 ? String(Number(scaled.toPrecision(3))) : scaled.toLocaleString('en-US', { maximumFractionDigits: places });
  return [text === '-0' ? '0' : text.replace('-', '−'), scaled === value ? symbol : 'kW'];
}

function number(value, unit) {
  return amount(value, unit).filter((part) => part !== '').join(' ');
}

/** What a reason means and what to do about it; of a device, by the kind of line that it is on. */
function reason(code, device) {
  if (!code) return '';
  if (code.startsWith('exception_')) {
    const n = code.slice(10);
    return said()[`why.exception.${n}`] ?? t('why.exception', { n });
  }
  const kind = device && snapshot.lines.find((line) => line.id === device.line)?.kind;
  return t(code === 'timeout' && kind === 'modbus-tcp' ? 'why.tcp' : `why.${code}`);
}

/** Why there is no figure; a device's code is told with what to do about it. */
function figureReason({ why = '', why_zh: chinese }) {
  const [, device, code] = /^([\w-]+): (\w+)$/.exec(why) ?? [];
  if (said()[`why.${code}`] || code?.startsWith('exception_')) return `${named(device)}${language === 'zh' ? '：' : ': '}${reason(code)}`;
  return (language === 'zh' && chinese) || why;
}

/** What people call a device, a line ("line:") or a metering point ("meter:"); its id where they have no name for it. */
function named(id, kind = '') {
  return snapshot.labels?.[`${kind}${id}`]?.[language] ?? snapshot.labels?.[`${kind}${id}`]?.en ?? id;
}

/** The same with the id in small type. */
function titled(id, kind) {
  const name = named(id, kind);
  return name === id ? id : [name, ' ', make('small', {}, id)];
}

/** A state as mark and word; its class gives the colour, which says nothing alone. */
function state(name) {
  return make('span', { class: `state ${name}` }, `${MARKS[name] ?? '○'} ${t(`state.${name}`)}`);
}

/** The same of a device: one that answers while an alarm says that it is wrong is not good. */
/** Where the figure of a metering point stands, if no other one is in it. */
const FIGURE_OF = { grid: ['elec.grid.import', 'elec.grid.export'], pv: ['elec.pv.generation'], battery: ['elec.battery.charge', 'elec.battery.discharge'] };

/** What there is against the values of a meter that answers, in words. */
function doubtsOf(device) {
  const doubted = [...new Map([...device.values, ...device.old].filter(({ why }) => DOUBTED.includes(why)).map((value) => [value.p, value])).values()].map((value) => (language === 'zh' ? value.zh : value.en ?? value.p.replaceAll('_', ' ')));
  for (const [point, why] of Object.entries(device.bad)) {
    if (DOUBTED.includes(why) && ![...device.values, ...device.old].some(({ p }) => p === point)) doubted.push((language === 'zh' && device.bad_zh?.[point]) || point.replaceAll('_', ' '));
  }
  const { flow, interval } = snapshot;
  const suspect = flow.meters.some(({ id, role, device: on }) => on === device.id
    && (flow.meters.filter((other) => other.role === role).length === 1 ? FIGURE_OF[role] ?? [] : []).concat(`elec.load.${id}`).some((name) => interval?.metrics[name]?.q === 'suspect'));
  return [doubted.length > 0 && t('doubt.range', { points: doubted.join(language === 'zh' ? '、' : ', ') }), suspect && t('doubt.suspect')].filter(Boolean);
}

function condition(device) {
  const [alarm] = alarmsOf(device.id);
  if (device.state === 'good' && !alarm && doubtsOf(device).length > 0) return make('span', { class: 'state warn' }, `⚠ ${t('mark.doubt')}`);
  if (device.state !== 'good' || !alarm) return state(device.state);
  const kind = alarm.severity === 'alarm' ? 'bad' : 'warn';
  const own = said()[`mark.${alarm.event}`];
  return make('span', { class: `state ${kind}` }, `${kind === 'bad' ? '✖' : '⚠'} ${own ?? t(`mark.${kind}`)}`);
}

function quality(name) {
  const mark = QUALITY_MARKS[name];
  return `${mark ? `${mark} ` : ''}${t(`q.${name}`)}`;
}

/**
 * Asks the gateway. Without options a GET; with {body} a POST that is meant, for which the PIN is asked when it is wanted.
 * Returns the Response; rejects when nothing comes or the person gives up.
 */
async function ask(path, options = {}) {
  const { body, timeout = 10000, ...rest } = options;
  const request = () => fetch(path, {
    ...rest,
    ...(body === undefined ? {} : {
      method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-Lingtan': '1' }, body: JSON.stringify(body),
    }),
    signal: rest.signal ?? AbortSignal.timeout(timeout),
  });
  const answer = await request();
  if (answer.status !== 401) return answer;
  if (body === undefined) {
    location.reload(); // the session has ended: the page asks for the PIN
    return answer;
  }
  return (await login()) ? request() : answer;
}

/** What a refusal means for whoever pressed the button; nothing for who would not type the PIN. */
async function refusal(reply) {
  if (reply.status === 401) return '';
  const text = (await reply.text()).trim();
  try {
    const { why, values, text: english } = JSON.parse(text);
    const all = { ...values, why: (language === 'zh' && values?.why_zh) || values?.why, form: said()[`form.${values?.name}`] ?? '' };
    return said()[`no.${why}`] ? t(`no.${why}`, all) : t('refused', { why: english });
  } catch {
    return t('refused', { why: text });
  }
}

/** A sentence that the agent has in both languages. */
function told(of, name) {
  return (language === 'zh' && of[`${name}_zh`]) || of[name];
}

/** Why there is no link to the broker, with what to do. */
function linkProblem({ why, error, server }) {
  return said()[`link.${why}`] ? t(`link.${why}`, { server }) : error ?? t('mqttOff');
}

let asking;
/** Asks for the PIN in a window of its own; true when a session has begun. One at a time. */
function login() {
  asking ??= new Promise((resolve) => {
    const problem = make('p', { role: 'alert', class: 'bad' });
    const pin = make('input', { id: 'pin', type: 'password', inputmode: 'numeric', autocomplete: 'current-password', minlength: 6, maxlength: 32, required: true });
    const cancel = make('button', { type: 'button' }, t('cancel'));
    const form = make('form', { class: 'card' }, make('label', { for: 'pin' }, t('pinTitle')), pin, problem,
      make('div', { class: 'row' }, make('button', { class: 'main' }, t('pinOk')), cancel));
    const window = make('dialog', { class: 'pin', 'aria-label': t('pinTitle') }, form);
    let given = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        const answer = await fetch('/api/session', {
          method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Lingtan': '1' },
          body: JSON.stringify({ pin: pin.value }), signal: AbortSignal.timeout(10000),
        });
        given = answer.status === 204;
        if (given) window.close();
        else problem.textContent = answer.status === 429 ? t('pinWait', { n: answer.headers.get('Retry-After') }) : t(answer.status === 403 ? 'pinNone' : 'pinWrong');
      } catch {
        problem.textContent = t('noAnswer');
      }
    });
    cancel.addEventListener('click', () => window.close());
    window.addEventListener('close', () => {
      window.remove();
      asking = undefined;
      resolve(given);
    });
    document.body.append(window);
    window.showModal();
  });
  return asking;
}

// ---- header ---------------------------------------------------------------------------------------

/** A fact in the header, and the way to what it is about; what the page has lost the gateway for is neither good nor bad. */
function chip(kind, mark, text, href) {
  const inside = [make('span', { class: 'mark', 'aria-hidden': 'true' }, mark), text];
  return make('li', { class: link === 'lost' && href ? 'old' : kind }, href ? make('a', { href }, inside) : inside);
}

function drawHeader() {
  const { uplink, store, clock, devices } = snapshot;
  draw(byId('site'), snapshot.site);
  draw(byId('gateway'), snapshot.gateway);
  draw(byId('languages'), LANGUAGES.map((each) => make('button', { type: 'button', 'data-language': each, lang: each === 'zh' ? 'zh-CN' : each, 'aria-pressed': String(each === language) }, each === 'zh' ? '中' : each.toUpperCase())));
  byId('languages').setAttribute('aria-label', t('language'));
  const good = devices.filter((device) => device.state === 'good' || device.state === 'asleep').length;
  const alarmed = devices.filter((device) => alarmsOf(device.id).some((event) => event.severity === 'alarm')).length;
  const fine = good === devices.length && alarmed === 0;
  const sure = !fine || snapshot.events?.complete;
  draw(byId('chips'),
    link === 'lost' ? chip('bad', '✖', t('lost')) : link === 'polling' ? chip('warn', '◷', t('polling')) : chip('good', '●', t('live')),
    !uplink.configured ? chip('', '○', t('mqttNone'), '#uplink') : uplink.refusing ? chip('bad', '✖', t('mqttRefused'), '#uplink') : uplink.connected ? chip('good', '●', t('mqttOn'), '#uplink') : chip('bad', '✖', t('mqttOff'), '#uplink'),
    chip('', '↑', t('waiting', { n: store.waiting.toLocaleString('en-US') }), '#uplink'),
    clock.trusted ? chip('good', '●', t('clockGood'), '#commission/clock') : chip('bad', '✖', t('clockBad'), '#commission/clock'),
    devices.length > 0 && chip(!sure ? '' : fine ? 'good' : 'bad', !sure ? '○' : fine ? '●' : '✖', [t('devices', { good, all: devices.length }), alarmed > 0 && ` · ${t('alarmed', { n: alarmed })}`], '#meters'),
    snapshot.simulated && chip('warn', '⚠', t('simulated')));
}

// ---- what is to be done -----------------------------------------------------------------------------

const SCANNED = ['serial', 'modbus-tcp', 'modbus-rtu-tcp'];
// What the snapshot has the newest of: the event that told of it says no more.
const LIVE_EVENTS = ['meter.offline', 'line.down', 'uplink.down', 'demand.near_limit'];
const WIRING_EVENTS = ['meter.residual', 'meter.power_disagrees', 'meter.export_without_source'];
const MOST_ROWS = 8;
const ROWS_ELSEWHERE = 3;
const OPEN_LOOKS = 5; // so many times in a row a residual is open before it is told: meters are not read at one instant
let openLooks = 0;

/** Warnings and alarms that go on with this device. */
function alarmsOf(device) {
  return (snapshot.events?.worst ?? []).filter((event) => event.device === device && !LIVE_EVENTS.includes(event.event));
}

/** What to say of an event that goes on: [cause, what to do, what is there, where]. */
function goesOn(event) {
  const { device, detail } = event;
  if (event.event === 'meter.ratio') {
    const key = detail.ct_site === undefined ? 'pt' : 'ct';
    return [t('todo.ratio', { device: named(device), key: key.toUpperCase(), site: detail[`${key}_site`], meter: detail[`${key}_meter`] }), t('todo.ratio.fix'), 'ratio', `#commission/ratio/${device}`];
  }
  const told = [`${device ? `${named(device)}${language === 'zh' ? '：' : ': '}` : ''}${sentence(event) ?? event.event}`, sentence(event, '_do') ?? ''];
  if (WIRING_EVENTS.includes(event.event)) return [...told, 'wiring', '#commission/wiring'];
  if (device) return [...told, 'meter', `#meters/${device}`];
  if (event.event.startsWith('uplink.')) return [...told, 'uplink', '#uplink'];
  return event.event.startsWith('config.') ? [...told, 'site', '#commission/site'] : [...told, 'events', '#events/active'];
}

/** Meters that give no present values: one row where a whole line is silent. */
function silent({ lines, devices }, add) {
  for (const line of lines.filter((each) => !each.problem)) {
    const on = devices.filter((device) => device.line === line.id);
    const bad = on.filter((device) => device.state !== 'good' && device.state !== 'asleep');
    const scan = SCANNED.includes(line.kind) ? ['scan', `#commission/scan/${line.id}`] : null;
    if (bad.length > 1 && bad.length === on.length && bad.every((device) => device.state === 'never' || device.state === 'offline')) {
      add('bad', t('todo.silent', { line: named(line.id, 'line:'), n: on.length }), t('todo.silent.fix'), ...(scan ?? ['meters', '#meters']));
      continue;
    }
    for (const device of bad) {
      const lost = device.state === 'never' || device.state === 'offline';
      add(device.state === 'stale' ? 'warn' : 'bad', `${t('todo.device', { device: named(device.id), state: t(`state.${device.state}`) })}${device.age_ms < 0 ? '' : t('todo.since', { age: age(device.age_ms) })}`, reason(device.failure, device),
        ...(scan && (lost || device.failure === 'exception_11') ? scan : ['meter', `#meters/${device.id}`]));
    }
  }
}

/** What is wrong, worst first: each with what to do and where; what is about the page alone says so. */
function troubles() {
  const { config, uplink, store, clock, lines, health, devices, busy, flow, events, wiring = [] } = snapshot;
  const all = [];
  const add = (kind, text, fix, to, href) => all.push({ kind, text, fix, to, href });
  const known = (kind, key, values, to, href) => add(kind, t(`banner.${key}`, values), '', to, href);
  const ofPage = (kind, key, values) => all.push({ kind, text: t(`banner.${key}`, values), ofPage: true });
  if (link === 'lost') ofPage('bad', 'lost', { age: age(0) });
  if (store.failure) known('bad', 'store', { why: told(store, 'failure') }, 'uplink', '#uplink');
  for (const stage of health) if (!stage.alive) known('bad', 'stopped', { name: stage.name }, 'bundle', '/api/bundle');
  if (config.refused) known('bad', 'refused', { why: told(config, 'refused') }, 'site', '#commission/site');
  if (!clock.trusted) known('bad', 'clock', {}, 'clock', '#commission/clock');
  if (clock.ahead_until) known('warn', 'ahead', { until: clock.ahead_until }, 'clock', '#commission/clock');
  if (snapshot.demand?.warning) known('warn', snapshot.demand.sliding ? 'sliding' : 'demand', { forecast: snapshot.demand.forecast_kw, limit: snapshot.demand.limit_kw, may: snapshot.demand.may_draw_kw }, 'events', '#events/active');
  if (lines.length === 0) known('warn', 'noLines', {}, 'site', '#commission/site');
  for (const line of lines) if (line.problem) known('bad', 'line', { line: named(line.id, 'line:'), why: told(line, 'problem') }, 'line', `#commission/line/${line.id}`);
  const going = (events?.worst ?? []).filter((event, i, every) => !LIVE_EVENTS.includes(event.event) && every.findIndex((other) => other.event === event.event && other.device === event.device) === i);
  for (const event of going.filter(({ severity }) => severity === 'alarm')) add('bad', ...goesOn(event));
  silent(snapshot, add);
  for (const found of wiring) {
    const isOpen = found.kind === 'moved' && !found.alone;
    const kind = found.kind === 'reversed' && !found.alone ? 'maybe' : isOpen ? 'moved_maybe' : found.kind;
    add(isOpen ? 'warn' : 'bad', t(`wrong.${kind}`, { ...found, device: named(found.device), meter: found.meter ? named(found.meter, 'meter:') : named(found.device), factor: Number(found.factor.toPrecision(2)) }), isOpen ? '' : t('wrong.fix'), 'wiring', '#commission/wiring');
  }
  if (uplink.certificate_days !== undefined && uplink.certificate_days < 0) known('bad', 'certificateEnded', {}, 'uplink', '#uplink');
  if (uplink.configured && !uplink.connected) {
    known('bad', 'away', { why: linkProblem(uplink) }, 'uplink', '#uplink');
    if (store.days_left !== undefined) all.at(-1).text += ` ${t('banner.space', { days: days(store.days_left) })}`;
  }
  if (uplink.refusing) add('bad', t('todo.refusing', { topic: uplink.refusing }), t('todo.refusing.fix'), 'broker', '#commission/settings/broker');
  if (openLooks >= OPEN_LOOKS && !wiring.some(({ kind, alone }) => kind !== 'moved' || alone) && !going.some(({ event }) => event === 'meter.residual')) {
    add('warn', t('todo.residual', { kw: kilowatts(flow.residual_w), allowed: kilowatts(flow.tolerance_w) }), t('todo.residual.fix'), 'wiring', '#commission/wiring');
  }
  for (const event of going.filter(({ severity }) => severity !== 'alarm')) add('warn', ...goesOn(event));
  for (const device of devices.filter(({ id, state: now }) => now === 'good' && alarmsOf(id).length === 0)) {
    const doubts = doubtsOf(device);
    if (doubts.length > 0) add('warn', t('todo.device', { device: named(device.id), state: doubts.join(language === 'zh' ? '；' : '; ') }), t('doubt.fix'), 'meter', `#meters/${device.id}`);
  }
  for (const line of lines) {
    const planned = line.schedule?.utilisation;
    const most = planned > 80 && busiest(line.id, devices);
    if (most) known('warn', 'overload', { line: named(line.id, 'line:'), percent: planned, device: named(most) }, 'meter', `#meters/${most}`);
  }
  if (uplink.connected && uplink.late && store.waiting > 0) {
    const values = { n: store.waiting.toLocaleString('en-US'), age: store.oldest_age_ms >= 0 ? span(store.oldest_age_ms) : t('none') };
    if (uplink.eta_ms !== undefined) known('warn', 'backlog', { ...values, rate: Math.round(uplink.records_per_second), eta: span(uplink.eta_ms) }, 'uplink', '#uplink');
    else known('warn', 'backlogSlow', values, 'uplink', '#uplink');
  }
  if (uplink.certificate_days >= 0 && uplink.certificate_days <= 30) known('warn', 'certificate', { days: uplink.certificate_days }, 'uplink', '#uplink');
  if (busy) {
    const left = busy.left_ms === undefined ? '' : t('busy.left', { amount: span(Math.max(0, busy.left_ms - (performance.now() - taken))) });
    ofPage('warn', 'busy', { what: t(`busy.${busy.what}`), line: named(busy.line, 'line:'), by: busy.by ?? t('busy.local'), since: age(busy.since_ms), left });
  }
  if (link === 'polling') ofPage('warn', 'polling');
  return all.sort((a, b) => (a.kind === 'bad' ? 0 : 1) - (b.kind === 'bad' ? 0 : 1));
}

/** The list that stands first on the overview. */
function toDoSection() {
  if (link === 'lost') return null; // what there was to do is not known any more, and the banner says so
  const rows = troubles().filter((each) => !each.ofPage);
  const known = snapshot.events?.complete;
  if (rows.length === 0) return make('p', { class: `calm ${known ? 'good' : ''}`, 'data-key': 'todo' }, t(known ? 'todo.none' : 'todo.unknown'));
  // A line tells its cause and what to do about it in one sentence.
  const halves = ({ text, fix, to }) => (to === 'line' && !fix && /^(.*?：.*?：|.*?; )(.+)$/.exec(text)?.slice(1)) || [text, fix];
  const row = ({ kind, to, href, ...each }, [text, fix] = halves({ ...each, to })) => make('li', { class: kind }, make('a', { href }, make('span', { class: 'level' }, t(`level.${kind}`)),
    make('span', { class: 'cause' }, make('b', {}, text), fix && make('small', {}, fix)), make('span', { class: 'go' }, `${t(`go.${to}`)} ›`)));
  return make('section', { class: 'todo', 'data-key': 'todo' }, make('h2', {}, t('todo'), make('small', {}, String(rows.length))), make('ul', {}, rows.slice(0, MOST_ROWS).map((each) => row(each))),
    rows.length > MOST_ROWS && make('p', { class: 'soft' }, make('a', { href: '#meters' }, t('todo.more', { n: rows.length - MOST_ROWS }))),
    !known && make('p', { class: 'soft' }, t('todo.unknown')));
}

function days(count) {
  return count >= 10 ? Math.floor(count).toLocaleString('en-US') : count.toFixed(1);
}

function busiest(line, devices) {
  const asked = (device) => ((device.reply_us ?? 0) * (device.blocks ?? 1)) / device.every_ms;
  return devices.filter((device) => device.line === line).reduce((most, device) => (asked(device) > asked(most) ? device : most)).id;
}

/** On the overview what is to be done stands below, and where something is mended it stands already. */
function drawBanners() {
  const shown = troubles().filter((each) => each.ofPage || (open.name !== 'overview' && !(['meters', 'commission'].includes(open.name) && each.href === location.hash))).slice(0, ROWS_ELSEWHERE);
  draw(byId('banners'), shown.map(({ kind, text, href }) => {
    const inside = [make('span', { 'aria-hidden': 'true' }, kind === 'bad' ? '✖ ' : '⚠ '), text];
    return make('p', { class: kind }, href ? make('a', { href }, inside) : inside);
  }));
}

// ---- tabs -----------------------------------------------------------------------------------------

const screens = ['overview', ...document.body.dataset.screens.split(' ').filter(Boolean)]
  .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
const loaded = { overview: { words: WORDS, show: showOverview } };
let open = { name: '', route: '', screen: null };

/** The address after "#": the tab, then what the tab makes of the rest. */
function address() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1)).split('/');
  return screens.includes(name) ? { name, route: rest.join('/') } : { name: 'overview', route: '' };
}

function drawTabs() {
  byId('tabs').setAttribute('aria-label', t('tabs'));
  draw(byId('tabs'), screens.map((name) => make('a', {
    role: 'tab', id: `tab-${name}`, href: `#${name}`, 'aria-selected': String(name === open.name), 'aria-controls': 'screen',
    tabindex: name === open.name ? 0 : -1,
  }, t(`tab.${name}`), name === 'events' && badge())));
  byId('screen').setAttribute('aria-labelledby', `tab-${open.name}`);
}

/** How many warnings and alarms go on. */
function badge() {
  const { count = 0, worst = [] } = snapshot.events ?? {};
  const alarm = worst.some(({ severity }) => severity === 'alarm');
  return count > 0 && make('span', { class: `badge ${alarm ? 'bad' : 'warn'}`, title: t('toConfirm', { n: count }) }, String(count));
}

/** Until a style is there: a screen that is drawn before it would jump. */
function styled(href) {
  if (document.querySelector(`link[href="${href}"]`)) return null;
  const sheet = make('link', { rel: 'stylesheet', href });
  document.head.append(sheet);
  return new Promise((resolve) => { sheet.onload = sheet.onerror = resolve; });
}

function context(name, module, route) {
  const dictionaries = [own(module.words === WORDS ? 'app' : name, module.words), said()];
  return {
    t: (key, values) => translate(dictionaries, key, values), own, sentence,
    language, route, snapshot: () => snapshot, ask, refusal, told, linkProblem, room, age, span, number, amount, reason, named, titled, state, condition, alarms: alarmsOf, doubts: doubtsOf, goesOn, quality, make, drawn, draw,
    go: (path) => { location.hash = path; },
  };
}

async function show() {
  const { name, route } = address();
  open.screen?.close();
  open = { name, route, screen: null };
  redraw();
  byId(`tab-${name}`).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const root = byId('screen');
  const wanted = open;
  if (!loaded[name]) {
    draw(root, make('p', { class: 'notice' }, t('loading')));
    try {
      loaded[name] = await import(`/screens/${name}.js`);
    } catch {
      // A module that failed once is not asked for again by the browser: another address is.
      try {
        loaded[name] = await import(`/screens/${name}.js?${Math.floor(performance.now())}`);
      } catch {
        if (wanted === open) {
          draw(root, make('p', { class: 'notice', role: 'alert' }, t('failed')));
          setTimeout(() => { if (wanted === open) show(); }, RETRY_SCREEN_MS);
        }
        return;
      }
    }
    await Promise.all((loaded[name].styles ?? []).map(styled));
  }
  if (wanted !== open) return; // another tab was opened meanwhile
  root.replaceChildren();
  const fresh = make('div', { class: `screen ${name}` });
  root.append(fresh);
  open.screen = loaded[name].show(fresh, context(name, loaded[name], route));
  open.screen.update(snapshot);
}

byId('tabs').addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -screens.length, End: screens.length }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = screens.indexOf(address().name) + step; // keys may come faster than screens
  const to = Math.abs(step) > 1 ? Math.max(0, Math.min(screens.length - 1, at)) : (at + screens.length) % screens.length;
  location.hash = screens[to];
  byId(`tab-${screens[to]}`).focus();
});

async function speak(chosen) {
  try {
    await choose(chosen);
  } catch {
    return; // its file did not come: the language before stays
  }
  redraw();
  show();
}

byId('languages').addEventListener('click', (event) => {
  const chosen = event.target.closest('[data-language]')?.dataset.language;
  if (!chosen || chosen === language) return;
  remember(chosen);
  speak(chosen);
});

// ---- overview -------------------------------------------------------------------------------------

// The flow picture is a single-line diagram: what feeds hangs above the busbar, what takes below it.
const GROUPS = [
  { key: 'pv', roles: ['pv'], row: 0 }, { key: 'grid', roles: ['grid'], row: 0 }, { key: 'chp', roles: ['chp'], row: 0 },
  { key: 'battery', roles: ['battery'], row: 1 }, { key: 'load', roles: ['load', 'charger'], row: 1 },
  { key: 'h2', roles: ['electrolyser', 'compressor', 'h2_dispenser'], row: 1 },
];

/** Power of a group as one: the sum of what is known, and what of it is old or lacking. */
function grouped(flow, roles) {
  const meters = flow.meters.filter((meter) => roles.includes(meter.role));
  const electric = meters.filter((meter) => meter.role !== 'h2_dispenser' || meter.w !== undefined);
  const own = electric.filter((meter) => !electric.some((other) => other.id === meter.parent));
  const known = own.filter((meter) => meter.w !== undefined);
  const old = known.filter((meter) => meter.why || meter.state !== 'good');
  const worst = [...old, ...own.filter((meter) => meter.w === undefined)].sort((a, b) => b.age_ms - a.age_ms)[0];
  const rated = own.reduce((sum, meter) => sum + (meter.rated_kw ?? 0), 0) * 1000;
  return {
    meters, w: known.length > 0 ? known.reduce((sum, meter) => sum + meter.w, 0) : undefined,
    lacking: own.length - known.length, old, worst, idle: Math.max(50, rated / 500),
  };
}

/** Attributes that keep a Latin text of 12 px within its box. */
function squeezed(text, wide) {
  return text.length * 6.2 > wide ? { textLength: wide, lengthAdjust: 'spacingAndGlyphs' } : {};
}

function direction(key, group) {
  if (group.w === undefined) return 'unknown';
  if (Math.abs(group.w) < group.idle) return 'idle';
  return group.w > 0 ? 'out' : 'in';
}

function kilowatts(watts) {
  const text = (Math.abs(watts) / 1000).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return text;
}

function valueOf(now, meters, role, point) {
  for (const meter of meters.filter((each) => each.role === role)) {
    const device = now.devices.find((each) => each.id === meter.device);
    const value = device && [...device.values, ...device.old].find((each) => each.p === point);
    if (value) return value;
  }
  return undefined;
}

/** Why a meter that may well answer has no value at present, in a word or two. */
function unseen({ state: name, why }) {
  return name === 'good' ? t(why === 'suspect' ? 'q.suspect' : 'noData') : t(`state.${name}`);
}

/** Where a box of the picture leads: to the one meter that matters. */
function boxLink({ meters, worst }) {
  const device = worst?.device ?? (new Set(meters.map((meter) => meter.device)).size === 1 && meters[0].device);
  return device ? `#meters/${device}` : '#meters';
}

/** What stands under a group's power: its age where that is not now, else what belongs to it. */
function subline(now, key, group) {
  if (group.lacking > 0 && group.w !== undefined) return t('flow.partly', { n: group.lacking });
  if (group.w === undefined) return group.worst ? unseen(group.worst) : t('noData');
  if (group.old.length > 0) {
    const words = group.old.length < group.meters.length && group.meters.length > 1 ? t('flow.withOld') : age(group.worst.age_ms);
    return `${MARKS[group.worst.state === 'good' ? 'stale' : group.worst.state]} ${words}`;
  }
  if (key === 'battery') {
    const soc = valueOf(now, group.meters, 'battery', 'soc');
    return soc ? `SOC ${number(soc.v)}%${soc.why ? ' ◷' : ''}` : '';
  }
  if (key === 'h2') {
    const compressor = group.meters.find((meter) => meter.role === 'compressor');
    return compressor?.w !== undefined ? t('flow.compressor', { kw: kilowatts(compressor.w) }) : '';
  }
  return '';
}

function flowPicture(now) {
  const { flow } = now;
  const shown = GROUPS.map((each) => ({ ...each, group: grouped(flow, each.roles) })).filter(({ group }) => group.meters.length > 0);
  const rows = [shown.filter(({ row }) => row === 0), shown.filter(({ row }) => row === 1)];
  const WIDTH = 360;
  const TALL = 76;
  const BUS = 108;
  const parts = [];
  rows.forEach((row, below) => {
    const room = WIDTH / Math.max(1, row.length);
    const wide = Math.min(150, room - 8);
    row.forEach(({ key, group }, i) => {
      const middle = room * (i + 0.5);
      const top = below ? 140 : 0;
      const way = direction(key, group);
      const doubtful = group.old.length > 0 || group.lacking > 0 || group.w === undefined;
      const [from, to] = below ? [top, BUS] : [TALL, BUS];
      const flowing = way === 'out' || way === 'in';
      const up = below ? way === 'out' : way === 'in'; // towards the top of the picture
      const line = up ? `M${middle} ${Math.max(from, to)}V${Math.min(from, to)}` : `M${middle} ${Math.min(from, to)}V${Math.max(from, to)}`;
      parts.push(drawn('g', { class: `wire ${key} ${doubtful ? 'doubtful' : flowing ? 'flowing' : 'idle'}` },
        drawn('path', { d: line }),
        flowing && !doubtful && drawn('path', { class: 'arrow', d: up ? `M${middle - 6} ${(from + to) / 2 + 4}l6 -8 6 8z` : `M${middle - 6} ${(from + to) / 2 - 4}l6 8 6 -8z` })));
      const value = group.w === undefined ? t('none') : kilowatts(group.w);
      const name = `${t(`flow.${key}`)} · ${t(`way.${key}.${way}`)}`;
      const third = subline(now, key, group);
      const lower = third ? 0 : 8;
      parts.push(drawn('a', { href: boxLink(group) }, drawn('g', { class: `part ${key}${doubtful ? ' doubtful' : ''}` },
        drawn('rect', { x: middle - wide / 2, y: top + 0.5, width: wide, height: TALL - 1, rx: 9 }),
        drawn('rect', { class: 'edge', x: middle - wide / 2, y: below ? top : top + TALL - 4, width: wide, height: 4, rx: 2 }),
        drawn('text', { class: 'name', x: middle, y: top + 21 + lower, ...squeezed(name, wide - 8) }, name),
        drawn('text', { class: 'value', x: middle, y: top + 45 + lower }, value, drawn('tspan', { class: 'unit' }, ' kW')),
        drawn('text', { class: 'sub', x: middle, y: top + 64 }, third))));
    });
  });
  const vessels = hydrogen(now);
  const at = rows[1].findIndex(({ key }) => key === 'h2');
  const height = vessels.length > 0 ? 300 : 222;
  if (vessels.length > 0) {
    const wide = Math.min(150, WIDTH / vessels.length - 8);
    if (at >= 0) {
      const from = (WIDTH / rows[1].length) * (at + 0.5);
      parts.push(drawn('path', { class: 'pipe', d: `M${from} 216V232H${WIDTH / 2}V232` }));
    }
    vessels.forEach(({ name, value, unit, sub, doubtful, device }, i) => {
      const middle = (WIDTH / vessels.length) * (i + 0.5);
      parts.push(drawn('path', { class: 'pipe', d: `M${WIDTH / 2} 232H${middle}V240` }),
        drawn('a', { href: `#meters/${device}` }, drawn('g', { class: `part h2${doubtful ? ' doubtful' : ''}` },
          drawn('rect', { x: middle - wide / 2, y: 240, width: wide, height: 58, rx: 9 }),
          drawn('text', { class: 'name', x: middle, y: sub ? 257 : 262 }, name),
          drawn('text', { class: 'value small', x: middle, y: sub ? 276 : 284 }, value, drawn('tspan', { class: 'unit' }, ` ${unit}`)),
          drawn('text', { class: 'sub', x: middle, y: 292 }, sub))));
    });
  }
  return drawn('svg', { class: 'flow', viewBox: `0 0 ${WIDTH} ${height}`, role: 'group', 'aria-label': spoken(shown) },
    drawn('line', { class: 'bus', x1: 14, x2: WIDTH - 14, y1: BUS, y2: BUS }), parts);
}

/** Tanks and dispensers: not on the busbar. */
function hydrogen(now) {
  const all = [];
  for (const meter of now.flow.meters) {
    if (meter.role !== 'h2_storage' && meter.role !== 'h2_dispenser') continue;
    const storage = meter.role === 'h2_storage';
    const value = valueOf(now, [meter], meter.role, storage ? 'pressure' : 'mass');
    const doubtful = !value || value.why || meter.state !== 'good';
    const count = now.flow.meters.filter((each) => each.role === meter.role).length;
    all.push({
      name: `${t(storage ? 'flow.tank' : 'flow.dispenser')}${count > 1 ? ` ${named(meter.id, 'meter:')}` : ''}`,
      value: value ? Number(value.v).toLocaleString('en-US', { maximumFractionDigits: 1 }) : t('none'), unit: value?.u ?? '', doubtful,
      sub: doubtful ? (value ? `◷ ${age(value.age_ms)}` : unseen(meter)) : '', device: meter.device,
    });
  }
  return all.slice(0, 4);
}

function spoken(shown) {
  return shown.map(({ key, group }) => `${t(`flow.${key}`)} ${t(`way.${key}.${direction(key, group)}`)} ${group.w === undefined ? t('noData') : `${kilowatts(group.w)} kW`}`).join(language === 'zh' ? '，' : ', ');
}

function residual({ flow }) {
  if (flow.residual_w === undefined) {
    const names = flow.lacking.map((id) => named(id, 'meter:')).join(language === 'zh' ? '、' : ', ');
    return make('p', { class: 'residual' }, `${t('residual')} ${t('none')}`, names && make('small', {}, ` ${t('residual.lacking', { names })}`));
  }
  const share = flow.coming_w > 0 ? ` (${((Math.abs(flow.residual_w) / flow.coming_w) * 100).toFixed(1)} %)` : '';
  const sign = flow.residual_w < -50 ? '−' : '';
  const newest = Math.max(0, ...flow.meters.filter((meter) => meter.w !== undefined).map((meter) => meter.age_ms));
  return make('p', { class: 'residual' }, t('residual'), ' ', make('b', {}, `${sign}${kilowatts(flow.residual_w)} kW`), share,
    make('small', {}, ` · ${age(newest)}`, !flow.all_loads_metered && ` · ${t('residual.unmetered')}`));
}

const TILES = [
  ['elec.pv.generation'], ['elec.grid.import'], ['elec.grid.export'], ['elec.load.total'], ['kpi.self_sufficiency', '%'], ['kpi.self_consumption', '%'],
  ['co2.total'], ['co2.avoided'], ['tce.total', 'kgce'], ['tce.equal_value', 'kgce'], ['h2.produced'], ['h2.storage_mass'], ['h2.sec'], ['h2.sec_nm3'], ['h2.ci'],
];

function tile(metrics, usual, [name, form]) {
  const metric = name === 'co2.avoided' ? avoided(metrics) : metrics[name];
  if (!metric) return null;
  const missing = metric.v === undefined;
  const scale = form === '%' ? 100 : form === 'kgce' ? 1000 : 1;
  const unit = form ?? metric.symbol ?? metric.u;
  const shown = missing ? t('none') : Number(metric.v * scale).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: metric.v * scale < 10 && form !== '%' ? 2 : 1 });
  const guessed = metric.q.startsWith('est') || metric.q === 'substituted';
  return make('div', { class: missing ? 'missing' : null }, make('dt', {}, t(`tile.${name}`)),
    make('dd', {}, guessed && '≈ ', shown, make('small', {}, ` ${unit.replace('kg/kg', 'kgCO₂/kg').replace(/^kg$/, name.startsWith('co2') ? 'kgCO₂' : 'kg')}`)),
    metric.pm !== undefined && !missing && make('dd', { class: 'soft', title: t('tile.sure') }, `± ${Number((metric.pm * scale).toPrecision(2)).toLocaleString('en-US', { maximumFractionDigits: 6 })}`),
    name === 'co2.total' && metric.text && make('dd', { class: 'soft' }, t('tile.covers', { of: metric.text.split(' ').map((each) => t(`covers.${each}`).replace(/^covers\..*\./, '')).join(' + ') })),
    (missing || metric.q !== usual || metric.est > 0) && make('dd', { class: 'soft' }, missing ? figureReason(metric) : metric.est > 0 ? t(form === '%' || metric.u === 'kg/kg' ? 'tile.estOf' : 'tile.est', { n: metric.est }) : quality(metric.q)));
}

function avoided(metrics) {
  const both = [metrics['co2.avoided.pv_self'], metrics['co2.avoided.pv_export']].filter(Boolean);
  if (both.length === 0) return undefined;
  const lacking = both.find((metric) => metric.v === undefined);
  const worst = both.reduce((one, other) => (WORSE.indexOf(other.q) > WORSE.indexOf(one.q) ? other : one));
  const sum = (of) => both.reduce((total, metric) => total + of(metric), 0);
  // The share of the whole, rounded up as in a record; of nothing at all there is none.
  const size = sum((metric) => Math.abs(metric.v));
  return lacking ?? { ...worst, v: sum((metric) => metric.v), est: size > 0 ? Math.ceil(sum((metric) => Math.abs(metric.v) * (metric.est ?? 0)) / size - 1e-9) : 0 };
}

function factorNote({ factors }) {
  return Object.entries(factors).map(([id, factor]) => t('factor', { id, value: factor.value, unit: amount(null, factor.u)[1].replace('kg/kWh', 'kgCO₂/kWh'), version: factor.version })
    + (factor.provisional ? ` · ${t('factor.provisional')}` : '') + (factor.standing !== 'official' ? ` · ${t(`factor.${factor.standing}`)}` : ''));
}

function todaySection(now) {
  const day = now.today;
  if (!day) return make('section', {}, make('h2', {}, t('today')), make('p', { class: 'soft' }, t('today.none')));
  // What most figures are is told once; a tile says only what it has of its own.
  const all = Object.values(day.metrics).map((metric) => metric.q);
  const usual = all.filter((q) => q === 'partial').length > all.length / 2 ? 'partial' : 'measured';
  const tiles = TILES.map((each) => tile(day.metrics, usual, each)).filter(Boolean);
  return make('section', {}, make('h2', {}, t('today'), make('small', {}, day.local.slice(0, 10), usual === 'partial' && ` · ${t('today.partial')}`)),
    tiles.length > 0 ? make('dl', { class: 'tiles' }, tiles) : make('p', { class: 'soft' }, t('today.none')),
    factorNote(day).map((note) => make('p', { class: 'soft factor' }, note)));
}

function lineSection({ lines, devices }) {
  if (lines.length === 0) return null;
  return make('section', {}, make('h2', {}, t('lines')), make('ul', { class: 'lines' }, lines.map((line) => {
    const planned = line.schedule?.utilisation ?? 0;
    const used = Math.max(line.busy, 0);
    const over = planned > 80;
    const on = devices.filter((device) => device.line === line.id);
    const good = on.filter((device) => device.state === 'good' || device.state === 'asleep').length;
    return make('li', { 'data-key': line.id },
      make('div', { class: 'head' }, make('b', {}, titled(line.id, 'line:')), make('span', { class: 'soft' }, line.where)),
      make('div', { class: 'bar', role: 'img', 'aria-label': t('line.used', { n: used }) }, bar(used, over)),
      make('p', { class: `soft ${line.problem ? 'bad' : ''}` }, line.problem ? `✖ ${told(line, 'problem')}`
        : [t('line.used', { n: used }), planned > 0 && t('line.planned', { n: planned }), t('line.answer', { good, all: on.length }), line.skipped > 0 && t('line.skipped', { n: line.skipped }), line.strangers > 0 && t('line.strangers', { n: line.strangers }), line.share && (line.share.problem ? told(line.share, 'problem') : t('line.shared', { n: line.share.callers, where: line.share.where }))].filter(Boolean).join(' · ')));
  })));
}

function bar(percent, over) {
  return drawn('svg', { viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    drawn('rect', { class: 'room', width: 100, height: 4 }), drawn('rect', { class: over ? 'over' : 'used', width: Math.min(100, percent), height: 4 }),
    drawn('rect', { class: 'limit', x: 80, width: 0.4, height: 4 }));
}

function bytes(count) {
  if (count === undefined) return t('none');
  const [divisor, unit] = count >= 1e9 ? [1e9, 'GB'] : [1e6, 'MB'];
  return `${(count / divisor).toLocaleString('en-US', { maximumFractionDigits: 1 })} ${unit}`;
}

/** How long the store lasts without a broker, and how bad that is: the same on each screen. */
function room({ days_left: left }, { configured, connected }) {
  if (left === undefined) return [t('none')];
  const text = t('health.daysLeft', { n: days(left) });
  if (left >= LITTLE_ROOM_DAYS || !configured) return [text];
  return connected ? [`⚠ ${text}`, 'warn'] : [`✖ ${text}`, 'bad'];
}

function healthSection({ store, uplink, clock, health, software }) {
  const stopped = health.filter((stage) => !stage.alive);
  const row = (key, value, kind) => make('div', {}, make('dt', {}, t(key)), make('dd', { class: kind }, value));
  return make('section', {}, make('h2', {}, t('health')), make('dl', { class: 'rows' },
    row('health.stages', stopped.length === 0 ? `● ${t('health.running')}` : `✖ ${stopped.map((stage) => stage.name).join(', ')}`, stopped.length === 0 ? 'good' : 'bad'),
    row('health.clock', clock.trusted ? `● ${t('clock.by', { source: t(`source.${clock.source}`) })}` : `✖ ${t('clockBad')}`, clock.trusted ? 'good' : 'bad'),
    row('health.ack', age(uplink.ack_age_ms)),
    row('health.store', `${bytes(store.bytes)} / ${bytes(store.max_bytes)}`),
    row('health.days', ...room(store, uplink)),
    row('health.free', bytes(store.free_bytes)),
    row('health.written', store.bytes_per_day === undefined ? t('none') : t('health.perDay', { n: bytes(store.bytes_per_day) })),
    uplink.certificate_days !== undefined && row('health.certificate', t('days', { n: uplink.certificate_days }), uplink.certificate_days <= 30 ? 'warn' : null),
    row('health.software', software)));
}

function firstRun() {
  const step = (n) => make('li', {}, make('h3', {}, t(`first.${n}`)), make('p', { class: 'soft' }, t(`first.${n}.how`)));
  return make('section', { class: 'first' }, make('h2', {}, t('first')), make('ol', {}, [1, 2, 3].map(step)),
    screens.includes('commission') && make('a', { class: 'button main', href: '#commission' }, t('tab.commission')));
}

function showOverview(root) {
  return {
    update(now) {
      if (now.devices.length === 0) {
        draw(root, firstRun(), healthSection(now));
        return;
      }
      const never = now.devices.every((device) => device.state === 'never');
      draw(root, toDoSection(),
        make('div', { class: 'columns' },
          make('section', { class: 'now' }, make('h2', {}, t('flow')), now.flow.meters.length > 0 ? [flowPicture(now), residual(now)] : make('p', { class: 'soft' }, t('flow.none')),
            never && make('p', { class: 'hint warn' }, `⚠ ${t('never.hint')}`)),
          make('div', { class: 'stack' }, todaySection(now), lineSection(now), healthSection(now))));
    },
    close() {},
  };
}

// ---- live -----------------------------------------------------------------------------------------

function redraw() {
  drawnAt = performance.now();
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : language;
  document.title = `${snapshot.site} · Lingtan`;
  document.body.classList.toggle('simulated', snapshot.simulated === true);
  document.body.classList.toggle('disconnected', link === 'lost');
  drawHeader();
  drawTabs();
  drawBanners();
  const wall = open.name === 'overview' && open.route === 'wall';
  document.body.classList.toggle('wall', wall);
  document.body.classList.toggle('night', wall && isNight());
  const links = wall ? [['#overview', 'wallEnd']] : [[`/help?lang=${language === 'zh' ? 'zh' : 'en'}`, 'help'], ['/report/', 'report'], ['/text', 'text'], ['/api/snapshot', 'json'], ['/metrics', 'metrics'], ['/api/bundle', 'bundle'], [`/technicians?lang=${language === 'zh' ? 'zh' : 'en'}`, 'people'], ['#overview/wall', 'wall']];
  draw(byId('foot'), links.map(([path, key]) => make('a', { href: path }, t(key))), make('span', {}, `Lingtan ${snapshot.software}`));
  open.screen?.update(snapshot);
}

/** By the site's time, whatever the screen's clock says. */
function isNight() {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: snapshot.zone, hour: '2-digit', hourCycle: 'h23' }).format(snapshot.now));
  return hour < 6 || hour >= 20;
}

function take(fresh) {
  snapshot = fresh;
  taken = performance.now();
  countOpen();
  redraw();
}

/** How many snapshots in a row had a residual that cannot be explained. */
function countOpen() {
  const { residual_w: watts, tolerance_w: allowed, all_loads_metered: whole } = snapshot.flow;
  openLooks = watts !== undefined && (whole ? Math.abs(watts) : -watts) > allowed ? openLooks + 1 : 0;
}

function listen() {
  stream?.close();
  opened = performance.now();
  stream = new EventSource('/api/live');
  stream.onmessage = (event) => {
    heard = performance.now();
    link = 'live';
    take(JSON.parse(event.data));
  };
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) {
      // The server ends every stream after a while, so that those of phones that went away end too.
      if (performance.now() - opened > SILENCE_MS && performance.now() - heard < SILENCE_MS) listen();
    } else if (link !== 'polling') {
      link = 'polling'; // refused: all streams are taken, or the session has ended
      poll();
    }
  };
}

async function poll() {
  polled = performance.now();
  try {
    const answer = await ask('/api/snapshot', { timeout: SILENCE_MS });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = await answer.json();
    if (link === 'live') return;
    heard = performance.now();
    link = 'polling';
    take(fresh);
  } catch {
    // the watchdog tells
  }
}

function watch() {
  if (document.hidden) return;
  const now = performance.now();
  const silent = now - heard;
  if (silent > (stream.readyState === EventSource.CLOSED ? 2 : 1) * SILENCE_MS && link !== 'lost') {
    link = 'lost';
    listen();
    redraw();
  } else if (stream.readyState === EventSource.CLOSED) {
    if (now - opened > RETRY_STREAM_MS) listen();
    else if (now - polled >= SILENCE_MS) poll();
  } else if (link === 'lost' && now - opened > Math.min(RETRY_STREAM_MS, Math.max(SILENCE_MS, silent / 2))) {
    listen();
  }
  if (now - drawnAt > 900) redraw(); // ages grow
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    stream.close();
  } else {
    heard = performance.now();
    listen();
  }
});
window.addEventListener('hashchange', () => {
  scrollTo(0, 0);
  show();
});
const kept = remembered();
if (kept === 'zh' || kept === 'en') language = kept;
redraw();
show();
listen();
if (kept && kept !== language) speak(kept);
setInterval(watch, WATCH_MS);
