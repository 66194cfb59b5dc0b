// The tools of somebody who puts a site into operation: each is a view of its own behind
// #commission/NAME. They look and propose; what touches a line is asked for by POST.

import { settingsOf } from '/settings.js';
import { stepLoad } from '/step-load.js';
import { steps } from '/steps.js';

export const styles = ['/screens/commission.css'];
export const words = {
  zh: {
    back: '调试工具', rights: '查看不需要 PIN；试读、扫描和改动需要标签上的 PIN，并记入事件。',
    'tool.wiring': '接线核对', 'tool.wiring.how': '哪块表的方向、哪两相接错：逐一反向试算，看平衡差。只读，不占线路。',
    'tool.step': '投切试验', 'tool.step.how': '接通再断开一个已知负荷，看哪块表动了多少，方向和大小对不对。只读，不占线路。',
    'tool.ratio': '倍率核对', 'tool.ratio.how': '输入表盘显示的数字，看读数差几倍、该改哪个变比。',
    'tool.scan': '线路扫描', 'tool.scan.how': '看哪些站号有应答、像哪种仪表。采集照常进行。',
    looks: '已看 {n} 次，每秒一次', waiting: '正在看…', more: '再看几秒，至少 3 次一致才下结论。',
    balance: '平衡差', closed: '● 在允许范围内（±{kw} kW）', opened: '⚠ 超出允许范围（±{kw} kW）', lacking: '缺 {names} 的当前值，不能用平衡判断方向；相位核对不受影响。', noGate: '没有关口表，不能用平衡判断方向。',
    fine: '未发现接线问题', 'fine.how': '平衡差在允许范围内，能判断的相位都对应。负荷或光伏很小时再看一次。', unexplained: '平衡差超出允许范围，但没有哪一块表反向或除以常见倍率后能合上：可能有未装表的负荷，或不止一处错误。',
    'f.reversed': '{meter}（{device}）：电流方向接反', 'f.reversed.how': '把它反过来，平衡差从 {now} kW 变为 {then} kW，{votes}/{of} 次都是如此。停电核对互感器 P1/P2 与 S1/S2；不便停电时，在站点文件里给这个计量点写 reverse: true。',
    'f.reversed.set': '把它反过来，平衡差从 {now} kW 变为 {then} kW，{votes}/{of} 次都是如此。站点文件里这个计量点已写 reverse: true，多半是多余的：改为 false；或停电核对互感器 P1/P2 与 S1/S2。',
    'f.maybe': '几块表之一接反：{meter}（{device}）', 'f.maybe.how': '反过来平衡差也能合上（{then} kW），但不止它一块。改变一下负荷或等几分钟再看，能分出来。',
    'f.ratio': '{meter}（{device}）：读数大约是实际的 {factor} 倍', 'f.ratio.how': '只有把它除以 {factor}，平衡差才合上（{then} kW，{votes}/{of} 次）。请用倍率核对与表盘对照。',
    'f.power': '{meter}：电能读数走了 {counted} kWh，同一时间功率累计 {made} kWh', 'f.power.how': '变比只设了一处、缺相或倍率写错时会这样；超过 10% 时这段电量记为不可信（suspect）。',
    'f.against_role': '{meter}（{device}）：方向与用途相反', 'f.against_role.how': '负荷显示在发电，或光伏显示在耗电。多为互感器接反：停电核对；不便停电时，反过来算。',
    'f.turned': '{device}：{phases} 相互感器方向接反', 'f.turned.how': '这一相的功率与其他相符号相反，而电压电流大小正常（{votes}/{of} 次）。停电后把该相互感器调头，或把 S1、S2 对调。',
    'f.swapped': '{device}：{phases} 两相互感器互换', 'f.swapped.how': '这两相的功率与本相电压对不上，合计接近 0，电能不走字（{votes}/{of} 次）。停电后把两相的互感器（或电压线）换回来。改站点文件没有用。',
    'f.moved': '{device}：三相整体错位', 'f.moved.how': '功率转回 120° 以后平衡差才合上：电流整体接到了下一相（{votes}/{of} 次）。停电核对相序。', 'f.moved_maybe': '{device}：三相功率因数都很低，未定', 'f.moved_maybe.how': '有光伏的关口中午常常如此（有功小、无功照旧），也可能是电流整体接到了下一相（{votes}/{of} 次）。不必停电：换个时段再看，或接通一个已知负荷（投切试验）。',
    meter: '计量点', power: '功率 kW', turned: '反向后平衡差 kW', device: '仪表', phase: '相', volts: '电压 V', amps: '电流 A', watts: '功率 kW', factor: '功率因数', into: '送出', out: '吸收', phasesTitle: '逐相核对', whatIf: '逐一反向试算', straight: '● 三相对应', unknown: '○ 电流太小，无法判断', odd: '⚠ 见上',
    toRatio: '倍率核对', choose: '选择仪表', point: '比较哪个量', shown: '表盘显示', unit: '单位', compare: '读一次并比较', comparing: '正在读…', none_yet: '站点文件里还没有仪表。',
    'ratio.hint': '电能最好比：它不跳动。功率请在读数稳定时输入。', same: '● 一致', times: '读数是表盘的 {n} 倍', read: '读数', decoded: '换算',
    'c.sign': '大小一致，方向相反：互感器接反，或这块表的正方向与约定相反。到接线核对确认。',
    'c.ratio': '站点文件里的 {key} 应为 {value}（现在是另一个值）。', 'c.ratio1': '表盘是一次值，而寄存器与表盘相同：仪表自己已经乘过变比，站点文件里的 {key} 应为 1。',
    'c.secondary': '表盘显示二次值，× {value} 就是读数：变比正确，不必改。', 'c.told': '要与表盘一致，变比得是 {value}；但表内变比与站点文件相同，不建议改站点文件。请确认看的是同一块表、同一个量，再核对互感器铭牌。', 'c.which': '表盘 × {value} 就是读数。表盘显示的是一次值还是二次值？', 'which.secondary': '二次值（经互感器接入的表多数如此）', 'which.secondary.then': '变比正确，不必改。', 'ratio.accepted': '验收时这块表与表盘一致，不提供改动：先确认看的是同一块表、同一个量，表有没有换过。', 'which.primary': '一次值', 'which.primary.then': '变比乘了两次：仪表自己已经乘过。', 'check.plate': '表盘显示二次值时，变比是多少从表盘看不出来：请按互感器铭牌核对站点文件里的 CT/PT。',
    'c.meter_ratio': '寄存器是表盘的 {value} 倍，站点文件没有可改的。表盘显示二次值、表内变比就是 {value} 时，这是对的；表盘显示一次值时，表内变比被乘了两次，或设错：请在仪表菜单里改 CT/PT 变比。', 'c.meter_ratio_less': '寄存器只有表盘的 {value}：表内变比没有设。请在仪表菜单里设 CT/PT 变比。',
    'c.decimals': '差 10 的 {value} 次方：型号文件里的单位或小数位与这块表不符，核对型号。', 'c.order': '按 {value} 的字节顺序读，就与表盘一致：型号文件与这块表不符。', 'c.none': '常见原因都解释不了：请确认看的是同一块表、同一个量。',
    'check.contradicted': '仪表自报的变比与站点文件不同（站点文件 {list}），这些读数不采信：先把其中一个改对。', 'check.absent': '没有读到这个量：{why}', 'check.saved': '核对结果已记入事件，验收单会用到。', 'check.no_ratio': '这个量一致，说明不了电流变比：验收还要用电能或总功率核对一次。',
   
    line: '线路', from: '从站号', to: '到站号', scan: '开始扫描', stop: '停止', scanning: '正在查询 {what}（{done}/{total}）', left: '约剩 {span}', scanNote: '只在轮询空隙里查询，采集不停；每个无应答的站号约 {ms} ms。', scanDone: '扫描结束：{n} 个有应答', scanStopped: '扫描已停止。', noLines: '没有可以扫描的线路。',
    unitN: '站号 {n}', meterN: '表号 {n}', known: '● 站点文件里的 {id}', stranger: '⚠ 站点文件里没有', like: '疑似型号：{list}', unlike: '没有型号与它相符', replies: '应答 {ms} ms',
    takeUnit: '改为站号 {unit}', turnRound: '反过来算', turnBack: '改回按接线', wrongUnit: '{id} 的站号写错了：{old} → {unit}', 'wrongUnit.how': '{id} 在站号 {old} 没有应答；站号 {unit} 有应答却不在站点文件里，像 {profile}（{percent} %）。', silent: '{id}（站号 {old}）没有应答，也没有多出来的同型号仪表：检查电源、接线、A/B 极性和波特率。',
    'tool.clock': '时钟', 'tool.clock.how': '没有网络对时的时候，用手机给网关校时；等待时间的数据随后补上时间。',
    gatewayTime: '网关时间（UTC）', phoneTime: '手机时间（UTC）', timeOff: '相差', clockHow: '只改网关程序自己的时间，不改系统时钟；网络对时恢复后以网络为准。站点文件的 clock.trust 要有 phone。', clockFine: '时钟由 {source} 保证，不需要手机校时。', setClock: '用手机时间校时', clockSet: '已校时，先前的数据会补上时间',
    'tool.bundle': '诊断包', 'tool.bundle.how': '下载一个压缩包：配置（不含密码）、事件、快照和最近十分钟的报文，发给远方的人看。',
    'tool.verify': '核验工具', 'tool.verify.how': '下载一个网页文件：在电脑上打开，把验收记录或月度记录和网关公钥拖进去，不联网就能查出真伪。',
    'tool.settings': '网关设置', 'tool.settings.how': '上送服务器和账号、TLS 文件、PIN、排放因子、分时电价。先看差异，再确认，可以撤销。',
    'tool.site': '站点文件', 'tool.site.how': '添加线路和仪表，撤销上一次改动。先看差异和线路负荷，再确认。',
    preview: '预览上送内容', previewing: '正在读仪表…', 'preview.title': '生效后会发布的内容（例子）', 'preview.how': '数值是刚从仪表读到的；epoch 和 seq 到真正发布时才有。此时什么都没有发布，也没有写入。', 'preview.none': '没有新的主题：只改变已有内容的算法。', 'preview.why': '没有例子：{why}', retained: '保留消息', propose: '预览改动', proposing: '正在核对…', change: '将要写入站点文件的改动', load: '线路 {line} 占用：{before} % → {after} %', over: '超过 80 %：请加大采集周期', apply: '确认写入', dismiss: '放弃', applying: '已写入，正在重新加载…', applied: '● 已生效', notApplied: '✖ 没有被采用，已换回原来的文件：{why}', backup: '原文件留有备份，可以在“站点文件”里撤销。', revert: '撤销上一次改动', 'revert.how': '换回写入前的站点文件；再按一次又换回来。',
    addMeter: '添加仪表', addLine: '添加线路', add: '添加', id: '名称（英文、数字）', profile: '型号文件', unitId: '站号', address: '表号', every: '采集周期', ct: 'CT 变比', pt: 'PT 变比', role: '计量点用途', noRole: '暂不计量', rated: '额定功率 kW', kind: '类型', port: '串口', otherPort: '没有发现串口：插好转换器再打开本页', host: '地址', tcpPort: '端口', baud: '波特率', parity: '校验', noParity: '无', even: '偶', oddParity: '奇', serialLine: 'RS-485：Modbus RTU 仪表', tcpLine: 'Modbus TCP（网口）', rtuLine: '串口服务器（RTU over TCP）',
    'tool.record': '验收记录', 'tool.record.how': '把已核对、未核对和异常的各项写成一份记录（HTML 和 CSV），由网关签名，以后任何人都能核验。',
    technician: '调试人员姓名', remark: '备注（可不填）', makeRecord: '生成验收记录', making: '正在生成…', recordLooks: '接线观察 {n} 次；停留在本页会继续观察，至少 3 次。', recordMade: '已生成并签名', recordCounts: '异常 {wrong} 项，未核对 {unchecked} 项', recordAll: '各项均已核对，未发现异常', recordHow: '表盘核对取自倍率核对的最近一次结果；没有核对过的写明“未核对”。记录保存在网关上，最多 16 份。', openRecord: '打开（可打印）', recordCsv: '下载 CSV', recordHtml: '下载 HTML', recordKept: '已有的记录', recordNone: '还没有。',
    'tool.handover': '现场交接', 'tool.handover.how': '把现在的状态做成二维码和一段文字：扫码带走或复制，有信号时再发给同事。',
    handoverText: '状态文字', handoverCode: '状态二维码', handoverAgain: '更新', handoverSelect: '点一下文字即全选，然后复制。',
    'role.grid': '关口', 'role.pv': '光伏', 'role.battery': '储能', 'role.load': '负荷', 'role.electrolyser': '制氢', 'role.compressor': '压缩机', 'role.h2_storage': '储氢', 'role.h2_dispenser': '加氢机', 'role.charger': '充电桩', 'role.gas': '燃气', 'role.heat': '热量', 'role.chp': '热电',
    'brand.Acrel': '安科瑞', 'brand.Chint': '正泰', 'brand.Huawei': '华为', 'brand.Growatt': '古瑞瓦特', 'brand.Deye': '德业', 'brand.Sungrow': '阳光电源', 'brand.Solis': '锦浪', 'brand.GoodWe': '固德威', 'brand.Sofar': '首航', 'brand.SolaX': '艾罗', 'brand.AlphaESS': '沃太', 'brand.Pylontech': '派能', 'brand.BYD': '比亚迪', 'brand.Siemens': '西门子', 'brand.any': '通用', 'brand.none': '示例',
    needed: '（必填）', unchanged: '没有要改的。', profileHint: '输入品牌或型号查找', 'kind.meter': '电表', 'kind.inverter': '逆变器', 'kind.battery': '储能', 'kind.fuel_cell': '氢发电', 'kind.sensor': '传感器',
    change1: '改设置', 'change1.how': '改过的才写入；先看差异和线路负荷，再确认。', removeMeter: '删除这块仪表', 'removeMeter.how': '连同它的计量点从站点文件里删去；已存的数据保留，可以撤销。', editLine: '改线路', gone: '站点文件里没有它，可能刚被删除。', present: '已有的线路和仪表', direction: '电流方向', asWired: '按接线', turnedRound: '反向', keep: '不改',
    'differ.how': '先看互感器铭牌。铭牌与表内一致，就采用表内的；铭牌与站点文件一致，就在仪表菜单里改，改好后自动恢复采信。', takeRatio: '采用表内 {key} {value}',
    volume: '容积 m³', gasCelsius: '计量参比温度 °C（多为 20，标方为 0）', framing: '串口格式', sameFraming: '与线路相同', dlLine: 'RS-485：DL/T 645 电表、CJ/T 188 水气热表（2400 8E1）', addressToo: '表号（DL/T 645、CJ/T 188，填了就不用站号）',
  },
  en: {
    back: 'Commissioning', rights: 'Looking needs no PIN; test reads, scans and changes need the PIN on the label, and are events.',
    'tool.wiring': 'Wiring check', 'tool.wiring.how': 'Which meter is reversed, which phases are exchanged: it works out the balance with each one reversed. Reads only, takes no line time.',
    'tool.step': 'Step-load test', 'tool.step.how': 'Switch a known load on and off: which meter moved by how much, and whether sign and size are right. Reads only, takes no line time.',
    'tool.ratio': 'Ratio check', 'tool.ratio.how': "Type what the meter's display shows: by which factor the reading is wrong, and which ratio would be right.",
    'tool.scan': 'Line scan', 'tool.scan.how': 'Which unit ids answer, and which meter they look like. Collection goes on.',
    looks: '{n} looks, one a second', waiting: 'Looking…', more: 'A few seconds more: at least 3 looks must agree.',
    balance: 'Residual', closed: '● within ±{kw} kW', opened: '⚠ beyond ±{kw} kW', lacking: '{names} not present: the balance cannot tell directions. Phases are checked all the same.', noGate: 'Without a grid meter the balance cannot tell directions.',
    fine: 'No wiring fault found', 'fine.how': 'The balance closes, and phases that can be judged belong together. Look again when more power flows.', unexplained: 'The balance is open, and no single meter closes it, turned or divided by a usual factor: there may be a load without a meter, or more than one fault.',
    'f.reversed': '{meter} ({device}): current is reversed', 'f.reversed.how': 'Turned, the residual is {then} kW and not {now} kW, in {votes} of {of} looks. With the power off check P1/P2 and S1/S2 of the transformers; where that cannot be, write reverse: true for this metering point in the site file.',
    'f.reversed.set': 'Turned, the residual is {then} kW and not {now} kW, in {votes} of {of} looks. The site file has reverse: true for this metering point already, which is probably one too many: set it to false, or with the power off check P1/P2 and S1/S2.',
    'f.maybe': 'One of several is reversed: {meter} ({device})', 'f.maybe.how': 'Turned, the balance would close ({then} kW); it is not the only one. Change a load, or look again in some minutes, to tell them apart.',
    'f.ratio': '{meter} ({device}): the reading is about {factor} times the real value', 'f.ratio.how': 'Only divided by {factor} the balance closes ({then} kW, {votes} of {of} looks). Compare with the display by the ratio check.',
    'f.power': '{meter}: the register counted {counted} kWh while the power made {made} kWh', 'f.power.how': 'So it is where only one of them knows the transformer ratio, a phase is not wired, or a scale is wrong; beyond 10 % the energy is suspect.',
    'f.against_role': '{meter} ({device}): the wrong way for what it is', 'f.against_role.how': 'A load seems to give, or PV to take. Mostly the transformers are reversed: check them with the power off; where that cannot be, have it counted reversed.',
    'f.turned': '{device}: transformer of {phases} is reversed', 'f.turned.how': "This phase's power has the other sign although its volts and amps are normal ({votes} of {of} looks). With the power off turn that transformer, or exchange S1 and S2.",
    'f.swapped': '{device}: transformers of {phases} are exchanged', 'f.swapped.how': 'The power of these two does not belong to their voltages, the sum is about 0 and no energy is counted ({votes} of {of} looks). With the power off exchange the two transformers (or voltage wires). Nothing in the site file mends that.',
    'f.moved': '{device}: all phases are moved by one', 'f.moved.how': 'Only with the power turned by 120° the balance closes: all currents are on the next phase ({votes} of {of}). Switch off and check the order of phases.', 'f.moved_maybe': '{device}: three low power factors, not decided', 'f.moved_maybe.how': 'A gate with PV is often so at midday (little active power, the usual reactive power); or all currents are on the next phase ({votes} of {of}). No need to switch off: look again at another time of day, or do a step-load test.',
    meter: 'Metering point', power: 'Power, kW', turned: 'Residual if turned, kW', device: 'Meter', phase: 'Phase', volts: 'V', amps: 'A', watts: 'kW', factor: 'Power factor', into: 'giving', out: 'taking', phasesTitle: 'Phase by phase', whatIf: 'Each one turned', straight: '● phases belong together', unknown: '○ too little current to tell', odd: '⚠ see above',
    toRatio: 'Ratio check', choose: 'Choose a meter', point: 'What to compare', shown: 'The display shows', unit: 'Unit', compare: 'Read once and compare', comparing: 'Reading…', none_yet: 'The site file has no meters yet.',
    'ratio.hint': 'Energy is best: it does not jump. Type a power while it is steady.', same: '● the same', times: 'The reading is {n} times the display', read: 'Reading', decoded: 'Decoded',
    'c.sign': 'The same size with the other sign: reversed transformers, or a meter whose plus is our minus. See the wiring check.',
    'c.ratio': '{key} in the site file should be {value}.', 'c.ratio1': 'The display is primary, and the registers are the same: the meter multiplies by the ratio itself, and {key} in the site file should be 1.',
    'c.secondary': 'The display is secondary, and times {value} it is the reading: the ratio is right, nothing to change.', 'c.told': "To agree with the display the ratio would have to be {value}; but the meter's own ratio is that of the site file, so the site file is better left. Is it the same meter and the same quantity? Then check the transformers' plate.", 'c.which': 'The display times {value} is the reading. Does the display show the primary or the secondary figure?', 'which.secondary': 'Secondary (as most meters behind transformers)', 'which.secondary.then': 'The ratio is right, nothing to change.', 'ratio.accepted': 'When it was accepted this meter agreed with its display, so no change is offered: is it the same meter and the same quantity, and has it been exchanged?', 'which.primary': 'Primary', 'which.primary.then': 'The ratio is counted twice: the meter multiplies by it already.', 'check.plate': "Where the display is secondary it does not tell the size of the ratio: check CT/PT in the site file against the transformers' plate.",
    'c.meter_ratio': "The registers are {value} times the display; the site file has nothing to change. That is right where the display is secondary and the meter's own ratio is {value}; where the display is primary, the meter's own ratio is applied twice, or set wrong: set CT/PT in the meter's menu.", 'c.meter_ratio_less': "The registers are {value} of the display: the meter's own ratio is not set. Set CT/PT in the meter's menu.",
    'c.decimals': 'Wrong by 10 to the power of {value}: unit or decimals of the profile are not those of this meter.', 'c.order': 'Read in byte order {value} it would be what the display shows: the profile is not that of this meter.', 'c.none': 'Nothing usual explains it: is it the same meter, and the same quantity?',
    'check.contradicted': 'The meter tells other ratios than the site file ({list}), so these readings are not believed: set one of the two right first.', 'check.absent': 'This was not read: {why}', 'check.saved': 'The comparison is an event, and will be in the acceptance record.', 'check.no_ratio': 'That this agrees proves no current ratio: for acceptance check energy or total power as well.',
   
    line: 'Line', from: 'From unit', to: 'To unit', scan: 'Scan', stop: 'Stop', scanning: 'Asking {what} ({done}/{total})', left: 'about {span} left', scanNote: 'Asked between polls, collection goes on; a unit that is silent takes about {ms} ms.', scanDone: 'The scan is over: {n} answer', scanStopped: 'The scan was stopped.', noLines: 'There is no line that can be scanned.',
    unitN: 'unit {n}', meterN: 'meter {n}', known: '● {id} of the site file', stranger: '⚠ not in the site file', like: 'looks like {list}', unlike: 'no profile fits', replies: 'answers in {ms} ms',
    takeUnit: 'Make it unit {unit}', turnRound: 'Count it reversed', turnBack: 'Count it as wired', wrongUnit: 'The unit id of {id} is wrong: {old} → {unit}', 'wrongUnit.how': '{id} does not answer at unit {old}; unit {unit} answers, is not in the site file, and looks like {profile} ({percent} %).', silent: '{id} (unit {old}) does not answer, and no meter of its kind is left over: check power, wiring, A/B and baud rate.',
    'tool.clock': 'Clock', 'tool.clock.how': 'Without network time, set it from the phone; data that waits for a time stamp then gets one.',
    gatewayTime: "Gateway's time (UTC)", phoneTime: "Phone's time (UTC)", timeOff: 'Difference', clockHow: "Moves the agent's own time, never the machine's clock; network time is used again once it is there. The site file's clock.trust must name phone.", clockFine: 'The clock is kept by {source}: no phone is needed.', setClock: "Set by the phone's time", clockSet: 'Set: earlier data gets its time stamps',
    'tool.bundle': 'Diagnostics bundle', 'tool.bundle.how': 'A zip for somebody far away: configuration without secrets, events, snapshot, and ten minutes of frames.',
    'tool.verify': 'Verifier', 'tool.verify.how': "One file to save: opened on any computer it says whether acceptance or interval records are genuine, with the gateway's public key and no network.",
    'tool.settings': 'Gateway settings', 'tool.settings.how': 'Broker and account, TLS files, PIN, emission factors, tariff. The difference comes first, and each change can be taken back.',
    'tool.site': 'Site file', 'tool.site.how': 'Add lines and meters, take the last change back. The difference and the load of the line come first.',
    preview: 'What would be published', previewing: 'Reading the meter…', 'preview.title': 'What would be published then (an example)', 'preview.how': 'The values were read from the meter just now; epoch and seq come with the real thing. Nothing is published or written yet.', 'preview.none': 'No other topics: only how figures are worked out would change.', 'preview.why': 'No example: {why}', retained: 'retained', propose: 'Show the change', proposing: 'Checking…', change: 'This would be written to the site file', load: 'Line {line} in use: {before} % → {after} %', over: 'above 80 %: choose a longer period', apply: 'Write it', dismiss: 'Leave it', applying: 'Written, being read again…', applied: '● In use', notApplied: '✖ Not taken, the file before is back: {why}', backup: 'The file before is kept: "Site file" takes the change back.', revert: 'Take the last change back', 'revert.how': 'Puts the file before the last change back; once more, and the change is there again.',
    addMeter: 'Add a meter', addLine: 'Add a line', add: 'Add', id: 'Name (letters, digits, - _)', profile: 'Profile', unitId: 'Unit id', address: 'Meter address', every: 'Period', ct: 'CT ratio', pt: 'PT ratio', role: 'Metering point', noRole: 'none yet', rated: 'Rated kW', kind: 'Kind', port: 'Port', otherPort: 'No serial port was found: plug the adapter in and open this page again', host: 'Address', tcpPort: 'Port', baud: 'Baud', parity: 'Parity', noParity: 'none', even: 'even', oddParity: 'odd', serialLine: 'RS-485: Modbus RTU', tcpLine: 'Modbus TCP', rtuLine: 'Serial server (RTU over TCP)',
    'tool.record': 'Acceptance record', 'tool.record.how': 'What was checked, what was not and what is wrong, as HTML and CSV: signed by the gateway, so that anybody can verify it later.',
    technician: "Technician's name", remark: 'Note (may be left out)', makeRecord: 'Make the record', making: 'Being made…', recordLooks: 'Wiring: {n} looks. There are more while you stay here; at least 3 are needed.', recordMade: 'Made and signed', recordCounts: '{wrong} found wrong, {unchecked} not checked', recordAll: 'Everything was checked, nothing is wrong', recordHow: 'The display is what the last ratio check of each meter found; what was never checked says so. The gateway keeps the newest 16.', openRecord: 'Open (to print)', recordCsv: 'CSV', recordHtml: 'HTML', recordKept: 'Records made before', recordNone: 'None yet.',
    'tool.handover': 'Hand-over', 'tool.handover.how': 'The present state as a QR code and as a text: take it along, and send it once there is signal.',
    handoverText: 'State as text', handoverCode: 'State as QR code', handoverAgain: 'Update', handoverSelect: 'A tap on the text selects all of it to be copied.',
    'role.grid': 'grid meter', 'role.pv': 'PV', 'role.battery': 'storage', 'role.load': 'load', 'role.electrolyser': 'electrolyser', 'role.compressor': 'compressor', 'role.h2_storage': 'H₂ tank', 'role.h2_dispenser': 'dispenser', 'role.charger': 'charger', 'role.gas': 'gas', 'role.heat': 'heat', 'role.chp': 'CHP',
    'brand.Acrel': 'Acrel', 'brand.Chint': 'Chint', 'brand.Huawei': 'Huawei', 'brand.Growatt': 'Growatt', 'brand.Deye': 'Deye', 'brand.Sungrow': 'Sungrow', 'brand.Solis': 'Solis', 'brand.GoodWe': 'GoodWe', 'brand.Sofar': 'Sofar', 'brand.SolaX': 'SolaX', 'brand.AlphaESS': 'AlphaESS', 'brand.Pylontech': 'Pylontech', 'brand.BYD': 'BYD', 'brand.Siemens': 'Siemens', 'brand.any': 'any maker', 'brand.none': 'example',
    needed: '(needed)', unchanged: 'Nothing is changed.', profileHint: 'Type a brand or a model', 'kind.meter': 'meter', 'kind.inverter': 'inverter', 'kind.battery': 'storage', 'kind.fuel_cell': 'fuel cell', 'kind.sensor': 'sensor',
    change1: 'Settings', 'change1.how': 'Only what you change is written; the difference and the load of the line come first.', removeMeter: 'Remove this meter', 'removeMeter.how': 'Takes it and its metering points out of the site file; what is recorded stays, and the change can be taken back.', editLine: 'Change the line', gone: 'The site file does not have it: it may have been removed.', present: 'Lines and meters', direction: 'Current', asWired: 'as wired', turnedRound: 'reversed', keep: 'as it is',
    'differ.how': "Look at the transformer's plate first. If the meter has what it says, take the meter's ratio; if the site file does, set the ratio in the meter's menu, and its readings are used again by themselves.", takeRatio: "Take the meter's {key} {value}",
    volume: 'Volume m³', gasCelsius: 'Reference temperature °C (mostly 20; 0 for Nm³)', framing: 'Serial form', sameFraming: 'as the line', dlLine: 'RS-485: DL/T 645, CJ/T 188 meters (2400 8E1)', addressToo: 'Meter address (DL/T 645, CJ/T 188; in place of a unit id)',
  },
};

const TOOLS = ['wiring', 'step', 'ratio', 'scan', 'site', 'settings', 'clock', 'record', 'handover'];
const ROLES = ['grid', 'pv', 'battery', 'load', 'electrolyser', 'compressor', 'h2_storage', 'h2_dispenser', 'charger', 'gas', 'heat', 'chp'];
// What a role is asked for beside it: the greatest power, the vessel's volume, what a gas meter's volume refers to.
const SIZES = { h2_storage: 'volume_m3', h2_dispenser: '', gas: 'gas_celsius', heat: '' };
const SCANNED = ['serial', 'modbus-tcp', 'modbus-rtu-tcp'];
const FIRST = ['energy_import', 'energy_generated', 'energy_discharged', 'power', 'voltage_l1', 'current_l1'];
const QUIET_MS = { serial: 300, 'modbus-tcp': 500, 'modbus-rtu-tcp': 500 };

export function show(root, context) {
  const [tool, ...rest] = context.route.split('/');
  const views = { wiring, ratio, scan, site, clock, record, handover, step, settings: gateway, meter: settings, line: lineSettings };
  const view = (views[tool] ?? menu)(root, context, rest.join('/'));
  return { update: view.update ?? (() => {}), close: view.close ?? (() => {}) };
}

function menu(root, context) {
  const { t, make } = context;
  const place = make('section', {});
  const shown = steps(place, context);
  root.append(place, make('ul', { class: 'menu' }, TOOLS.map((name) => make('li', {}, make('a', { class: 'card', href: `#commission/${name}` },
    make('b', {}, t(`tool.${name}`)), make('span', { class: 'soft' }, t(`tool.${name}.how`))))),
  make('li', {}, make('a', { class: 'card', href: '/api/bundle', download: '' }, make('b', {}, t('tool.bundle')), make('span', { class: 'soft' }, t('tool.bundle.how')))),
  make('li', {}, make('a', { class: 'card', href: '/verify.html', download: '' }, make('b', {}, t('tool.verify')), make('span', { class: 'soft' }, t('tool.verify.how'))))),
  make('p', { class: 'notice' }, t('rights')));
  return shown;
}

/** The head of a tool: the way back, its name, what it does. */
function head({ t, make }, name) {
  return [make('p', {}, make('a', { href: '#commission' }, `‹ ${t('back')}`)),
    make('section', {}, make('h2', {}, t(`tool.${name}`)), make('p', { class: 'soft' }, t(`tool.${name}.how`)))];
}

const kw = (watts) => (watts === undefined ? '—' : (Math.round(watts / 100) / 10 || 0).toFixed(1).replace('-', '−'));

// ---- changes of the site file ---------------------------------------------------------------------

/**
 * Shows what an edit would make of the site file, and makes it when a person says so. The place is
 * a node of its own, which nothing else draws into.
 */
async function propose(place, context, edit) {
  const { t, make, ask, refusal } = context;
  const say = (...parts) => place.replaceChildren(...parts.flat().filter(Boolean));
  const alarm = (text) => say(make('p', { class: 'bad', role: 'alert' }, text));
  say(make('p', { class: 'soft', role: 'status' }, t('proposing')));
  try {
    const reply = await ask('/api/action/propose', { body: edit });
    if (!reply.ok) return alarm(await refusal(reply));
    const shown = await reply.json();
    const yes = make('button', { type: 'button', class: 'main' }, t('apply'));
    const no = make('button', { type: 'button' }, t('dismiss'));
    const look = make('button', { type: 'button', 'data-preview': true }, t('preview'));
    const published = make('div', { role: 'status' });
    look.addEventListener('click', () => preview(published, context, shown.id));
    no.addEventListener('click', () => say());
    yes.addEventListener('click', async () => {
      yes.disabled = true;
      try {
        const made = await ask('/api/action/apply', { body: { id: shown.id } });
        if (!made.ok) return alarm(await refusal(made));
        say(make('p', { role: 'status' }, t('applying')));
        const { progress, why } = await outcome(context, shown.id);
        const used = progress === 'in_use';
        say(make('p', { class: used ? 'soft' : 'bad', role: 'status', 'data-made': shown.id }, used ? t('applied') : progress === 'refused' ? t('notApplied', { why }) : t('noAnswer')), used && make('p', { class: 'soft' }, t('backup'), ' ', make('a', { href: '#overview' }, `${t('todo')} ›`)));
      } catch {
        alarm(t('noAnswer'));
      }
      return undefined;
    });
    say(make('section', { class: 'change' }, make('h3', {}, t('change')),
      make('pre', { tabindex: 0, 'aria-label': t('change') }, shown.diff.map(([mark, line, text]) => make('span', { class: mark === '+' ? 'plus' : mark === '-' ? 'minus' : null }, mark === '.' ? '  …\n' : `${mark} ${String(line).padStart(3)}  ${text}\n`))),
      shown.load.map(({ line, before, after }) => make('p', { class: after > 80 ? 'warn' : 'soft' }, t('load', { line, before, after }), after > 80 && ` ⚠ ${t('over')}`)),
      ((context.language === 'zh' && shown.warnings_zh) || shown.warnings).map((text) => make('p', { class: 'warn' }, `⚠ ${text}`)),
      make('div', { class: 'row' }, yes, look, no), published));
  } catch {
    alarm(t('noAnswer'));
  }
  return undefined;
}

/** What would be sent of a proposal: topics, and one record as the meter answers now. */
async function preview(place, { t, make, ask, refusal, told }, id) {
  const say = (...parts) => place.replaceChildren(...parts.flat().filter(Boolean));
  say(make('p', { class: 'soft' }, t('previewing')));
  try {
    const reply = await ask('/api/action/preview', { body: { id }, timeout: 60000 });
    if (!reply.ok) return say(make('p', { class: 'bad', role: 'alert' }, await refusal(reply)));
    const { messages } = await reply.json();
    say(make('h3', {}, t('preview.title')), make('p', { class: 'soft' }, t(messages.length > 0 ? 'preview.how' : 'preview.none')), messages.map((one) => [
      make('p', {}, make('b', { class: 'topic' }, one.topic), one.retained && make('small', {}, ` ${t('retained')}`)),
      one.payload ? make('pre', { tabindex: 0, 'aria-label': one.topic }, JSON.stringify(JSON.parse(one.payload), null, 1)) : make('p', { class: 'warn' }, `⚠ ${t('preview.why', { why: told(one, 'why') })}`)]).flat());
  } catch {
    say(make('p', { class: 'bad', role: 'alert' }, t('noAnswer')));
  }
  return undefined;
}

/** What became of the change of this id. A journal that cannot be written is waited for two minutes. */
async function outcome({ ask, told }, id) {
  for (let i = 0; i < 150; i++) {
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    try {
      const { config } = await (await ask('/api/snapshot', { timeout: 3000 })).json();
      if (config.sha256 === id) return { progress: 'in_use' };
      if (config.change?.id === id && config.change.progress === 'refused') return { progress: 'refused', why: told(config.change, 'why') };
    } catch {
      // no answer this time, or the change moves the page
    }
  }
  return { progress: 'unknown' };
}

/** A button that proposes, and below it the place for what comes of it. */
function proposal(context, edit, label) {
  const { make } = context;
  const place = make('div', { 'data-own': true });
  const button = make('button', { type: 'button', 'data-propose': label }, label);
  button.addEventListener('click', () => propose(place, context, edit));
  return [make('div', { class: 'row' }, button), place];
}

function site(root, context) {
  const { t, make, draw, ask } = context;
  const known = make('section');
  const meters = make('div');
  root.append(...head(context, 'site'), known, lineForm(context, ask), meters,
    make('section', {}, make('h2', {}, t('revert')), make('p', { class: 'soft' }, t('revert.how')), proposal(context, { edit: 'revert' }, t('revert'))));
  let shown = null;
  return {
    update({ lines, devices }) {
      draw(known, make('h2', {}, t('present')), lines.length === 0 ? make('p', { class: 'soft' }, t('noLines')) : make('ul', { class: 'known' }, lines.map((line) => make('li', { 'data-key': line.id },
        make('a', { href: `#commission/line/${line.id}` }, context.titled(line.id, 'line:')), ' ', make('small', {}, line.where),
        make('ul', {}, devices.filter((device) => device.line === line.id).map((device) => make('li', { 'data-key': device.id }, make('a', { href: `#commission/meter/${device.id}` }, context.titled(device.id)), ' ', make('small', {}, `${device.address} · ${device.profile}`))))))));
      const names = lines.filter((each) => SCANNED.includes(each.kind)).map((each) => each.id);
      if (names.join() === shown) return;
      shown = names.join();
      const select = meters.querySelector('[name=line]');
      if (select) select.replaceChildren(...names.map((name) => make('option', { value: name, selected: name === select.value }, name)));
      else meters.replaceChildren(meterForm(context, {}));
    },
  };
}

const labelled = ({ make, t }, label, needed, input) => make('label', {}, make('span', {}, t(label), make('small', { hidden: !needed }, ` ${t('needed')}`)), input);
const field = (context, name, label, attributes) => labelled(context, label, attributes?.required, context.make('input', { name, autocomplete: 'off', ...attributes }));
const chooser = (context, name, label, options, chosen, was) => labelled(context, label, false, context.make('select', { name, 'data-was': was }, options.map(([value, text]) => context.make('option', { value, selected: value === chosen }, text))));

/** A profile by its name, or by what its maker and models are called. */
function profilePicker(context, chosen) {
  const { make, t, ask } = context;
  const list = make('datalist', { id: 'profiles' });
  const input = field(context, 'profile', 'profile', { maxlength: 64, required: true, list: 'profiles', placeholder: t('profileHint'), value: chosen, 'data-was': chosen });
  ask('/api/profiles').then(async (reply) => {
    const { profiles = [] } = (reply.ok && await reply.json()) || {};
    list.replaceChildren(...profiles.map(({ name, kind, maker, fits }) => make('option', { value: name }, [context.own('commission', words)[`brand.${maker}`] ?? maker, t(`kind.${kind}`), fits].filter(Boolean).join(' · '))));
  }).catch(() => {}); // a name can be typed all the same
  input.append(list);
  return input;
}

/** What the site file says of a meter, to be changed or taken out. */
function settings(root, context, id) {
  const { t, make, snapshot } = context;
  const device = snapshot().devices.find((each) => each.id === id);
  const point = snapshot().flow.meters.find((each) => each.device === id);
  const was = (value) => ({ value, 'data-was': value });
  root.append(make('p', {}, make('a', { href: device ? `#meters/${id}` : '#commission/site' }, `‹ ${device ? context.named(id) : t('back')}`)));
  if (!device) {
    root.append(make('p', { class: 'notice' }, t('gone')));
    return {};
  }
  const byUnit = /^\d{1,3}$/.test(device.address);
  const place = [byUnit && field(context, 'unit', 'unitId', { inputmode: 'numeric', maxlength: 3, ...was(device.address) }), field(context, 'every', 'every', { maxlength: 8, ...was(`${device.every_ms % 1000 ? `${device.every_ms}ms` : `${device.every_ms / 1000}s`}`) })];
  root.append(editForm(context, 'change1', { edit: 'settings', device: id, ...(point && { meter: point.id }) }, make('p', { class: 'soft' }, `${id} · ${device.line} · ${t('change1.how')}`),
    profilePicker(context, device.profile), make('div', { class: 'fields' }, place),
    make('div', { class: 'fields' }, field(context, 'ct', 'ct', { inputmode: 'decimal', maxlength: 10, ...was(device.ct) }), field(context, 'pt', 'pt', { inputmode: 'decimal', maxlength: 10, ...was(device.pt) })),
    point && make('div', { class: 'fields' }, point.rated_kw !== undefined && field(context, 'rated_kw', 'rated', { inputmode: 'decimal', maxlength: 10, ...was(String(point.rated_kw)) }),
      chooser(context, 'reverse', 'direction', [['false', t('asWired')], ['true', t('turnedRound')]], String(point.reverse ?? false), String(point.reverse ?? false)))),
  make('section', {}, make('h2', {}, t('removeMeter')), make('p', { class: 'soft' }, t('removeMeter.how')), proposal(context, { edit: 'remove_device', device: id }, t('removeMeter'))));
  return {};
}

/** A known load is switched, and the meters are watched. */
function step(root, context) {
  root.append(...head(context, 'step'));
  return stepLoad(root, context, { field, chooser });
}

/** What of the gateway itself can be set. */
function gateway(root, context, part) {
  root.append(...(part ? [context.make('p', {}, context.make('a', { href: '#commission/settings' }, `‹ ${context.t('tool.settings')}`))] : head(context, 'settings')));
  return settingsOf(root, context, part, { propose, labelled, field, chooser });
}

/** How a line is reached, to be changed. */
function lineSettings(root, context, id) {
  const { t, make, snapshot, told } = context;
  const line = snapshot().lines.find((each) => each.id === id);
  root.append(make('p', {}, make('a', { href: '#commission/site' }, `‹ ${t('tool.site')}`)));
  if (!line || !SCANNED.includes(line.kind)) {
    root.append(make('p', { class: 'notice' }, t('gone')));
    return {};
  }
  const cut = line.where.lastIndexOf(':');
  const [host, port] = [line.where.slice(0, cut), line.where.slice(cut + 1)];
  const fields = line.kind === 'serial' ? [field(context, 'port', 'port', { maxlength: 200, placeholder: t('keep') }), chooser(context, 'baud', 'baud', [['', t('keep')], ...BAUDS.map((n) => [n, n])], ''), chooser(context, 'parity', 'parity', [['', t('keep')], ...parities(t)], '')]
    : [field(context, 'host', 'host', { maxlength: 253, value: host, 'data-was': host }), field(context, 'port', 'tcpPort', { inputmode: 'numeric', maxlength: 5, value: port, 'data-was': port })];
  const problem = make('p', { class: 'bad' });
  root.append(editForm(context, 'editLine', { edit: 'line', line: id }, make('p', { class: 'soft' }, `${id} · ${line.where}`), problem, make('div', { class: 'fields' }, fields)));
  return {
    update(now) {
      const seen = now.lines.find((each) => each.id === id);
      problem.textContent = seen?.problem ? `✖ ${told(seen, 'problem')}` : '';
    },
  };
}

const BAUDS = ['1200', '2400', '4800', '9600', '19200', '38400', '57600', '115200'];
const parities = (t) => [['none', t('noParity')], ['even', t('even')], ['odd', t('oddParity')]];

/** A form whose fields, those that are filled and shown, become an edit. */
function editForm(context, title, edit, ...fields) {
  const { t, make } = context;
  const place = make('div', { 'data-own': true });
  const form = make('form', { 'data-edit': edit.edit }, fields, make('div', { class: 'row' }, make('button', { class: 'main' }, t('propose'))));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = { ...edit };
    let changed = 0;
    for (const input of form.querySelectorAll('input, select')) {
      if (input.value === '' || input.value === input.dataset.was || input.closest('[hidden]')) continue;
      wanted[input.name] = input.value.trim();
      changed++;
    }
    if (changed > 0) propose(place, context, wanted);
    else place.replaceChildren(make('p', { class: 'soft', role: 'status' }, t('unchanged')));
  });
  return make('section', {}, make('h2', {}, t(title)), form, place);
}

function lineForm(context, ask) {
  const { t, make } = context;
  const kind = chooser(context, 'kind', 'kind', [['modbus-tcp', t('tcpLine')], ['serial', t('serialLine')], ['dlt645', t('dlLine')], ['modbus-rtu-tcp', t('rtuLine')]]);
  const net = make('div', { class: 'fields' }, field(context, 'host', 'host', { maxlength: 253, required: true }), field(context, 'port', 'tcpPort', { inputmode: 'numeric', value: 502, maxlength: 5, required: true }));
  const ports = chooser(context, 'port', 'port', []);
  const serial = make('div', { class: 'fields', hidden: true }, ports,
    chooser(context, 'baud', 'baud', BAUDS.map((n) => [n, n]), '9600'),
    chooser(context, 'parity', 'parity', parities(t)));
  kind.lastChild.addEventListener('change', async (event) => {
    const isSerial = event.target.value === 'serial' || event.target.value === 'dlt645';
    const [baud, parity] = event.target.value === 'dlt645' ? ['2400', 'even'] : ['9600', 'none'];
    serial.querySelector('[name=baud]').value = baud;
    serial.querySelector('[name=parity]').value = parity;
    net.hidden = isSerial;
    serial.hidden = !isSerial;
    for (const input of net.querySelectorAll('input')) input.required = !isSerial;
    if (!isSerial) return;
    try {
      const reply = await ask('/api/action/ports', { body: {} });
      const list = reply.ok ? (await reply.json()).ports : [];
      ports.lastChild.replaceChildren(...(list.length > 0 ? list.map((port) => make('option', { value: port }, port)) : [make('option', { value: '' }, t('otherPort'))]));
    } catch {
      ports.lastChild.replaceChildren(make('option', { value: '' }, t('noAnswer')));
    }
  });
  return editForm(context, 'addLine', { edit: 'add_line' }, make('div', { class: 'fields' }, field(context, 'id', 'id', { maxlength: 64, required: true, pattern: '[A-Za-z0-9_\\-]+' }), kind), net, serial);
}

function meterForm(context, known) {
  const { t, snapshot, make } = context;
  const lines = snapshot().lines.filter((each) => SCANNED.includes(each.kind)).map((each) => [each.id, each.id]);
  if (lines.length === 0) return '';
  const profiles = known.profiles ?? [];
  const role = chooser(context, 'role', 'role', [['', t('noRole')], ...ROLES.map((each) => [each, t(`role.${each}`)])], '');
  const sizes = [['rated_kw', 'rated'], ['volume_m3', 'volume'], ['gas_celsius', 'gasCelsius']]
    .map(([name, label]) => field(context, name, label, { inputmode: 'decimal', maxlength: 10 }));
  const asked = () => sizes.forEach((each) => {
    const { value } = role.lastChild;
    each.hidden = value === '' || each.lastChild.name !== (SIZES[value] ?? 'rated_kw');
    each.lastChild.required = !each.hidden && each.lastChild.name === 'rated_kw';
    each.querySelector('small').hidden = !each.lastChild.required;
  });
  role.lastChild.addEventListener('change', asked);
  asked();
  const forms = ['1200 even', '2400 even', '4800 even', '9600 even', '9600 none'];
  return editForm(context, 'addMeter', { edit: 'add_device' },
    make('div', { class: 'fields' }, chooser(context, 'line', 'line', lines, known.line), field(context, 'id', 'id', { maxlength: 64, required: true, pattern: '[A-Za-z0-9_\\-]+' })),
    make('div', { class: 'fields' }, profiles.length > 0 ? chooser(context, 'profile', 'profile', profiles.map((name) => [name, name])) : profilePicker(context),
      known.meter ? field(context, 'address', 'address', { value: known.meter, maxlength: 12, required: true }) : field(context, 'unit', 'unitId', { inputmode: 'numeric', value: known.unit, maxlength: 3 }),
      !known.meter && known.unit === undefined && field(context, 'address', 'addressToo', { inputmode: 'numeric', maxlength: 12 }),
      known.unit === undefined && chooser(context, 'framing', 'framing', [['', t('sameFraming')], ...forms.map((form) => [form, form])], ''),
      field(context, 'every', 'every', { value: '5s', maxlength: 8, required: true })),
    make('div', { class: 'fields' }, field(context, 'ct', 'ct', { inputmode: 'decimal', value: known.ct ?? 1, maxlength: 10 }), field(context, 'pt', 'pt', { inputmode: 'decimal', value: known.pt ?? 1, maxlength: 10 })),
    make('div', { class: 'fields' }, role, sizes));
}

// ---- clock ----------------------------------------------------------------------------------------

// The only place where the phone's date is used: it is shown beside the gateway's before it is sent.
function clock(root, context) {
  const { t, make, draw, ask, refusal } = context;
  const body = make('div', { class: 'stack' });
  const result = make('p', { role: 'status' });
  root.append(...head(context, 'clock'), body, result);
  let seen = null;
  let taken = 0;
  const utc = (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  const update = (now) => {
    if (now.now !== seen?.now) taken = performance.now();
    seen = now;
    const gateway = now.now + performance.now() - taken;
    const off = Math.round((Date.now() - gateway) / 1000);
    const free = !now.clock.trusted || now.clock.source === 'phone' || now.clock.source === 'rtc';
    draw(body, make('section', {}, make('dl', { class: 'rows' },
      make('div', {}, make('dt', {}, t('gatewayTime')), make('dd', {}, utc(gateway))),
      make('div', {}, make('dt', {}, t('phoneTime')), make('dd', {}, utc(Date.now()))),
      make('div', {}, make('dt', {}, t('timeOff')), make('dd', { class: Math.abs(off) > 1 ? 'warn' : 'good' }, t('seconds', { n: off.toLocaleString('en-US') })))),
    make('p', { class: 'soft' }, t(free ? 'clockHow' : 'clockFine', { source: t(`source.${now.clock.source}`) })),
    make('div', { class: 'row' }, make('button', { type: 'button', class: 'main', 'data-clock': true, disabled: !free }, t('setClock')))));
  };
  root.addEventListener('click', async (event) => {
    if (!event.target.closest('[data-clock]')) return;
    try {
      const reply = await ask('/api/action/clock', { body: { now: String(Date.now()) } });
      result.className = reply.ok ? 'good' : 'bad';
      draw(result, reply.ok ? `● ${t('clockSet')}` : await refusal(reply));
    } catch {
      draw(result, t('noAnswer'));
    }
  });
  return { update };
}

// ---- acceptance record ----------------------------------------------------------------------------

function record(root, context) {
  const { t, make, draw, ask, refusal, language } = context;
  const name = make('input', { name: 'technician', autocomplete: 'name', maxlength: 64, required: true });
  const note = make('input', { name: 'note', autocomplete: 'off', maxlength: 500 });
  const button = make('button', { class: 'main' }, t('makeRecord'));
  const looks = make('p', { class: 'soft' });
  const result = make('div', { class: 'stack', role: 'status' });
  const kept = make('section');
  const form = make('form', {}, make('label', {}, t('technician'), name), make('label', {}, t('remark'), note), make('div', { class: 'row' }, button));
  root.append(...head(context, 'record'), make('section', {}, make('p', { class: 'soft' }, t('recordHow')), looks, form), result, kept);
  let open = true;
  let timer;
  const file = (each, type) => `/acceptance/${encodeURIComponent(each)}.${type}`;
  const links = (each) => make('div', { class: 'row' }, make('a', { class: 'button', href: file(each, 'html'), target: '_blank' }, t('openRecord')),
    make('a', { class: 'button', href: file(each, 'html'), download: '' }, t('recordHtml')), make('a', { class: 'button', href: file(each, 'csv'), download: '' }, t('recordCsv')));

  async function list() {
    try {
      const reply = await ask('/acceptance/');
      const names = reply.ok ? await reply.json() : [];
      draw(kept, make('h2', {}, t('recordKept')), names.length > 0 ? names.map((each) => make('div', { 'data-key': each, class: 'kept' }, make('p', {}, each), links(each))) : make('p', { class: 'soft' }, t('recordNone')));
    } catch {
      draw(kept, make('p', { class: 'soft' }, t('noAnswer')));
    }
  }
  // Each look at the wiring counts: the record says what the last two minutes have shown.
  async function look() {
    try {
      const reply = await ask('/api/wiring', { timeout: 5000 });
      if (reply.ok && open) draw(looks, t('recordLooks', { n: (await reply.json()).looks }));
    } catch {
      // the header says that the gateway does not answer
    }
    if (open) timer = setTimeout(look, 1000);
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    draw(result, make('p', { class: 'soft' }, t('making')));
    const alarm = (text) => draw(result, make('p', { class: 'bad', role: 'alert' }, text));
    try {
      const reply = await ask('/api/action/record', { body: { technician: name.value.trim(), note: note.value.trim(), lang: language === 'zh' ? 'zh' : 'en' }, timeout: 30000 });
      if (!reply.ok) alarm(await refusal(reply));
      else {
        const made = await reply.json();
        const fine = made.wrong + made.unchecked === 0;
        draw(result, make('section', { class: `finding ${fine ? 'good' : 'bad'}`, 'data-record': made.name }, make('h3', {}, t('recordMade')), make('p', {}, fine ? t('recordAll') : t('recordCounts', made)), links(made.name)));
        list();
      }
    } catch {
      alarm(t('noAnswer'));
    }
    button.disabled = false;
  });
  list();
  look();
  return { close() { open = false; clearTimeout(timer); } };
}

// ---- hand-over ------------------------------------------------------------------------------------

function handover(root, context) {
  const { t, make, drawn, draw, ask, language } = context;
  const body = make('section', { 'data-own': true });
  const again = make('button', { type: 'button', class: 'main' }, t('handoverAgain'));
  root.append(...head(context, 'handover'), body, make('div', { class: 'row' }, again));
  async function take() {
    try {
      const reply = await ask(`/api/handover?lang=${language === 'zh' ? 'zh' : 'en'}`);
      if (!reply.ok) throw new Error(reply.status);
      const { text, size, path } = await reply.json();
      const box = make('textarea', { readonly: true, rows: text.split('\n').length + 1, 'aria-label': t('handoverText') });
      box.value = text;
      box.addEventListener('click', () => box.select());
      body.replaceChildren(drawn('svg', { class: 'code', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': t('handoverCode'), 'shape-rendering': 'crispEdges' },
        drawn('rect', { width: size, height: size, fill: '#fff' }), drawn('path', { d: path, fill: '#000' })),
      make('p', { class: 'soft' }, t('handoverSelect')), box);
    } catch {
      draw(body, make('p', { class: 'bad', role: 'alert' }, t('noAnswer')));
    }
  }
  again.addEventListener('click', take);
  take();
  return {};
}

// ---- wiring ---------------------------------------------------------------------------------------

function wiring(root, context) {
  const { t, make, draw, ask, language } = context;
  const body = make('div', { class: 'stack', 'aria-live': 'off' });
  root.append(...head(context, 'wiring'), body);
  const names = (list) => list.join(language === 'zh' ? '、' : ', ');
  const place = make('div', { 'data-own': true });
  root.insertBefore(place, body);
  let last = null;
  let open = true;
  let timer;
  let slow;
  let disagreeing = [];
  const seenReversed = (id) => last?.meters.find((part) => part.id === id)?.reversed ?? false;
  root.addEventListener('click', (event) => {
    const button = event.target.closest('[data-reverse]');
    if (button) propose(place, context, { edit: 'meter', meter: button.dataset.reverse, value: button.dataset.value });
  });

  function sentence(finding, balance) {
    const isOpen = finding.kind === 'moved' && !finding.alone;
    const kind = finding.kind === 'reversed' && !finding.alone ? 'maybe' : isOpen ? 'moved_maybe' : finding.kind;
    const values = {
      ...finding, device: context.named(finding.device), meter: finding.meter ? context.named(finding.meter, 'meter:') : context.named(finding.device), phases: finding.phases.map((n) => 'ABC'[n - 1]).join(language === 'zh' ? '、' : ' and '),
      now: kw(balance.residual_w), then: kw(finding.residual_w), factor: Number(finding.factor.toPrecision(3)),
    };
    return make('section', { class: isOpen ? 'finding' : 'finding bad', 'data-kind': finding.kind, 'data-device': finding.device, 'data-key': `${finding.kind} ${finding.device}` },
      make('h3', {}, `${isOpen ? '○' : '✖'} ${t(`f.${kind}`, values)}`), make('p', {}, t(kind === 'reversed' && seenReversed(finding.meter) ? 'f.reversed.set' : `f.${kind}.how`, values)),
      ((finding.kind === 'reversed' && finding.alone) || finding.kind === 'against_role') && finding.meter && make('div', { class: 'row' }, make('button', { type: 'button', 'data-reverse': finding.meter, 'data-value': String(!seenReversed(finding.meter)) }, t(seenReversed(finding.meter) ? 'turnBack' : 'turnRound'))),
      finding.kind === 'ratio' && make('div', { class: 'row' }, make('a', { class: 'button', href: `#commission/ratio/${encodeURIComponent(finding.device)}` }, t('toRatio'))));
  }

  function verdict(seen) {
    if (seen.findings.length > 0) return seen.findings.map((finding) => sentence(finding, seen.balance));
    if (seen.looks < 3) return make('p', { class: 'notice' }, t('more'));
    if (seen.balance.closed === false) return make('section', { class: 'finding' }, make('p', { class: 'warn' }, `⚠ ${t('unexplained')}`));
    if (seen.balance.residual_w === undefined) return null;
    return make('section', { class: 'finding good' }, make('h3', {}, `● ${t('fine')}`), make('p', { class: 'soft' }, t('fine.how')));
  }

  /** What the events say: a register takes a quarter of an hour and more to be compared. */
  async function readDisagreeing() {
    try {
      const answer = await ask('/api/events?active=1&area=meter&limit=100', { timeout: 15000 });
      if (answer.ok) disagreeing = (await answer.json()).events.filter((event) => event.event === 'meter.power_disagrees');
    } catch {
      // the header says that the gateway does not answer
    }
    if (open) slow = setTimeout(readDisagreeing, 30000);
  }

  const disagreement = ({ device, detail }) => make('section', { class: 'finding bad', 'data-kind': 'power', 'data-device': device, 'data-key': `power ${detail.meter} ${detail.point}` },
    make('h3', {}, `✖ ${t('f.power', detail)}`), make('p', {}, t('f.power.how')));

  function balanceOf({ balance, meters }) {
    const unknown = balance.residual_w === undefined;
    return make('section', {}, make('h2', {}, t('whatIf')),
      make('p', {}, `${t('balance')} `, make('b', {}, unknown ? '—' : `${kw(balance.residual_w)} kW`), ' ',
        !unknown && make('span', { class: balance.closed ? 'good' : 'warn' }, t(balance.closed ? 'closed' : 'opened', { kw: kw(balance.tolerance_w) }))),
      unknown && make('p', { class: 'warn' }, balance.lacking.length > 0 ? t('lacking', { names: names(balance.lacking) }) : t('noGate')),
      make('table', {}, make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, t('meter')), make('th', { scope: 'col', class: 'right' }, t('power')), make('th', { scope: 'col', class: 'right' }, t('turned')))),
        make('tbody', {}, meters.map((part) => make('tr', { 'data-key': part.id },
          make('th', { scope: 'row' }, context.named(part.id, 'meter:'), make('small', {}, ` ${part.device}${part.reversed ? ' · reverse' : ''}`)),
          make('td', { class: 'right nowrap' }, make('small', {}, t(part.w >= 0 ? 'into' : 'out')), ` ${kw(Math.abs(part.w))}`),
          make('td', { class: 'right nowrap' }, kw(part.turned_w)))))));
  }

  function phasesOf({ phases }) {
    if (phases.length === 0) return null;
    const row = (one, key, values, scale = 1, places = 1) => make('tr', {}, make('th', { scope: 'row' }, t(key)), one[values].map((value) => make('td', {}, (value / scale).toFixed(places).replace('-', '−'))));
    return make('section', {}, make('h2', {}, t('phasesTitle')), phases.map((one) => [
      make('h3', { class: 'head' }, context.named(one.device), make('small', { class: one.verdict === 'straight' ? 'good' : one.verdict ? 'warn' : null }, t(one.verdict === 'straight' ? 'straight' : one.verdict ? 'odd' : 'unknown'))),
      make('table', { class: 'phases' }, make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, t('phase')), [1, 2, 3].map((n) => make('th', { scope: 'col' }, 'ABC'[n - 1])))),
        make('tbody', {}, row(one, 'volts', 'volts'), row(one, 'amps', 'amps'), row(one, 'watts', 'watts', 1000, 2), row(one, 'factor', 'factors', 1, 2)))]));
  }

  async function look() {
    try {
      const reply = await ask('/api/wiring', { timeout: 5000 });
      if (reply.ok && open) {
        const seen = await reply.json();
        last = seen;
        draw(body, make('p', { class: 'soft', role: 'status' }, t('looks', { n: seen.looks })), disagreeing.map(disagreement), verdict(seen), balanceOf(seen), phasesOf(seen));
      }
    } catch {
      // the header says that the gateway does not answer
    }
    if (open) timer = setTimeout(look, 1000);
  }
  draw(body, make('p', { class: 'soft' }, t('waiting')));
  look();
  readDisagreeing();
  return { close() { open = false; clearTimeout(timer); clearTimeout(slow); } };
}

// ---- ratio ----------------------------------------------------------------------------------------

function ratio(root, context, id) {
  const { t, make, snapshot } = context;
  const devices = snapshot().devices;
  const device = devices.find((each) => each.id === id);
  root.append(...head(context, 'ratio'));
  if (device) return compare(root, context, device);
  root.append(make('section', {}, make('h2', {}, t('choose')), devices.length === 0 ? make('p', { class: 'soft' }, t('none_yet'))
    : make('ul', { class: 'menu' }, devices.map((each) => make('li', {}, make('a', { class: 'card', href: `#commission/ratio/${encodeURIComponent(each.id)}` },
      make('b', {}, context.titled(each.id)), make('span', { class: 'soft' }, `${context.named(each.line, 'line:')} · ${each.address} · ${each.profile}`)))))));
  return {};
}

function compare(root, context, device) {
  const { t, make, draw, ask, refusal, number, reason, language } = context;
  const rank = (value) => (FIRST.indexOf(value.p) + 1 || 99);
  const label = (value) => (language === 'zh' ? value.zh : value.en ?? value.p.replaceAll('_', ' '));
  const point = make('select', { name: 'point' });
  let sorted = [];
  const shown = make('input', { name: 'shown', inputmode: 'decimal', autocomplete: 'off', maxlength: 18, required: true });
  const unit = make('select', { name: 'unit' });
  const button = make('button', { class: 'main' }, t('compare'));
  const result = make('div', { class: 'stack', role: 'status' });
  const form = make('form', {}, make('label', {}, t('point'), point), make('div', { class: 'fields' }, make('label', {}, t('shown'), shown), make('label', {}, t('unit'), unit)), make('div', { class: 'row' }, button));
  root.append(make('section', {}, make('h2', {}, context.titled(device.id), make('small', {}, `${context.named(device.line, 'line:')} · ${device.address} · ${device.profile}`)), make('p', { class: 'soft' }, t('ratio.hint')), form), result);
  // One tap where the meter itself says another ratio than the site file.
  for (const alarm of context.alarms(device.id).filter(({ event }) => event === 'meter.ratio')) {
    const ways = ['ct', 'pt'].filter((key) => Number(alarm.detail[`${key}_meter`]) > 0)
      .map((key) => proposal(context, { edit: 'device', device: device.id, key, value: String(Number(alarm.detail[`${key}_meter`])) }, t('takeRatio', { key: key.toUpperCase(), value: Number(alarm.detail[`${key}_meter`]) })));
    root.insertBefore(make('section', { class: 'finding bad', 'data-kind': 'contradicted' }, make('h3', {}, `✖ ${context.goesOn(alarm)[0]}`), make('p', {}, t('differ.how')), ways), root.lastChild.previousSibling);
  }
  // As it was before this comparison: one that is accepted is not to be changed by a tap.
  const accepted = ask('/api/checks').then((reply) => (reply.ok ? reply.json() : null)).then((found) => found?.devices[device.id] === 'good' && found.records.length > 0).catch(() => false);
  const units = () => {
    const symbol = sorted.find((value) => value.p === point.value)?.u ?? '';
    const kilo = ['W', 'var', 'VA'].includes(symbol);
    unit.replaceChildren(...(kilo ? [[`k${symbol}`, 1000], [symbol, 1]] : [[symbol || '1', 1]]).map(([name, scale]) => make('option', { value: scale }, name)));
  };
  /** A meter that has not answered yet has nothing to choose; what is chosen stays chosen. */
  const choices = (seen) => {
    const before = sorted.map((value) => value.p).join();
    sorted = [...seen.values, ...seen.old].filter((value) => typeof value.v === 'number').sort((a, b) => rank(a) - rank(b));
    if (sorted.length === 0) draw(result, make('p', { class: 'notice' }, `○ ${t('noData')}`));
    else if (before === '') draw(result);
    if (sorted.map((value) => value.p).join() === before) return;
    const chosen = point.value;
    point.replaceChildren(...sorted.map((value) => make('option', { value: value.p, selected: value.p === chosen }, label(value))));
    button.disabled = sorted.length === 0;
    if (point.value !== chosen) units();
  };
  point.addEventListener('change', units);
  button.disabled = true;
  choices(device);

  function verdict(answer, isAccepted) {
    if (!answer.answered) {
      const list = Object.entries(answer.contradicted).map(([key, value]) => `${key}: ${value}`).join(', ');
      return make('section', { class: 'finding bad' }, make('p', {}, list ? t('check.contradicted', { list }) : t('check.absent', { why: answer.why ? reason(answer.why) : context.told(answer, 'problem') ?? t('noData') })));
    }
    const times = Number(answer.factor.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
    const cause = ({ kind, key, value }) => {
      const name = kind === 'ratio' && value === '1' ? 'ratio1' : kind === 'meter_ratio' && value.startsWith('1/') ? 'meter_ratio_less' : kind;
      if (kind === 'which') return [make('p', { 'data-cause': kind }, t('c.which', { value })), ['secondary', 'primary'].map((display) => make('p', {}, make('button', { type: 'button', 'data-display': display }, t(`which.${display}`)), ' ', make('span', { class: 'soft' }, t(`which.${display}.then`))))].flat();
      return [make('p', { 'data-cause': kind }, t(`c.${name}`, { key, value })), key && (isAccepted ? make('p', { class: 'warn' }, t('ratio.accepted')) : proposal(context, { edit: 'device', device: device.id, key, value }, t('propose')))];
    };
    const asks = answer.causes[0]?.kind === 'which';
    const secondary = answer.causes[0]?.kind === 'secondary';
    return make('section', { class: `finding ${answer.good ? 'good' : asks ? '' : 'bad'}` },
      make('h3', {}, answer.good ? t('same') : `${asks ? '○' : '✖'} ${t('times', { n: times })}`),
      make('p', { class: 'soft' }, `${t('read')} ${number(answer.read, answer.u)} · ${t('shown')} ${number(answer.shown, answer.u)}`),
      (!answer.good || secondary) && (answer.causes.length > 0 ? answer.causes.map(cause) : make('p', {}, t('c.none'))),
      answer.decoded && make('p', { class: 'soft' }, `${t('decoded')}: ${answer.decoded}`),
      answer.good && !answer.of_ratios && sorted.some((value) => value.p === 'power' || value.p.startsWith('energy')) && make('p', { class: 'warn' }, `○ ${t('check.no_ratio')}`),
      answer.by_plate && make('p', { class: 'warn' }, `○ ${t('check.plate')}`),
      !asks && make('p', { class: 'soft' }, t('check.saved')));
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    compares({});
  });
  result.addEventListener('click', (event) => {
    const display = event.target.closest('[data-display]')?.dataset.display;
    if (display) compares({ display });
  });
  async function compares(known) {
    button.disabled = true;
    draw(result, make('p', { class: 'soft' }, t('comparing')));
    try {
      const text = shown.value.trim().replace(',', '.').replace('−', '-');
      const scaled = Number(unit.value) === 1 || !/^[-+]?\d+(\.\d*)?$/.test(text) ? text : String(Math.round(Number(text) * 1e9) / 1e6);
      const reply = await ask('/api/action/check', { body: { device: device.id, point: point.value, shown: scaled, ...known }, timeout: 60000 });
      draw(result, reply.ok ? verdict(JSON.parse((await reply.text()).trim().split('\n').at(-1)), await accepted) : make('p', { class: 'bad', role: 'alert' }, await refusal(reply)));
    } catch {
      draw(result, make('p', { class: 'bad', role: 'alert' }, t('noAnswer')));
    }
    button.disabled = false;
  }
  return {
    update(now) {
      const seen = now.devices.find((each) => each.id === device.id);
      if (seen) choices(seen);
    },
  };
}

// ---- scan -----------------------------------------------------------------------------------------

function scan(root, context, chosen) {
  const { t, make, draw, ask, refusal, span, snapshot } = context;
  const lines = snapshot().lines.filter((line) => SCANNED.includes(line.kind));
  root.append(...head(context, 'scan'));
  if (lines.length === 0) {
    root.append(make('section', {}, make('p', {}, t('noLines')), make('div', { class: 'row act' }, make('a', { class: 'button main', href: '#commission/site' }, t('addLine')))));
    return {};
  }
  const line = make('select', { name: 'line' }, lines.map((each) => make('option', { value: each.id, selected: each.id === chosen }, `${each.id} · ${each.where}`)));
  const from = make('input', { name: 'from', type: 'number', min: 1, max: 247, value: 1, required: true });
  const to = make('input', { name: 'to', type: 'number', min: 1, max: 247, value: 32, required: true });
  const note = make('p', { class: 'soft' });
  const button = make('button', { class: 'main' }, t('scan'));
  const stop = make('button', { type: 'button', hidden: true }, t('stop'));
  const result = make('div', { class: 'stack', role: 'status' });
  const form = make('form', {}, make('label', {}, t('line'), line), make('div', { class: 'fields' }, make('label', {}, t('from'), from), make('label', {}, t('to'), to)), note, make('div', { class: 'row' }, button, stop));
  root.append(make('section', {}, form), result);
  const explain = () => draw(note, t('scanNote', { ms: QUIET_MS[lines.find((each) => each.id === line.value).kind] }));
  line.addEventListener('change', explain);
  explain();
  let running = null;
  let finds = [];
  let notes = [];

  const who = (find) => (find.meter ? t('meterN', { n: find.meter }) : t('unitN', { n: find.unit }));
  const card = (find) => make('li', { class: 'card', 'data-unit': find.unit ?? find.meter },
    make('div', { class: 'head' }, make('b', {}, who(find)), make('span', { class: find.known ? 'good' : 'warn' }, find.known ? t('known', { id: find.known }) : t('stranger'))),
    !find.known && make('p', {}, find.guesses.length > 0 ? t('like', { list: find.guesses.map((guess) => `${guess.profile} ${guess.percent} %`).join(', ') }) : t('unlike')),
    make('p', { class: 'soft' }, [t('replies', { ms: (find.reply_us / 1000).toFixed(1) }), find.form, ...Object.entries(find.identity).map(([key, value]) => `${key} ${value}`)].filter(Boolean).join(' · ')),
    !find.known && make('details', { 'data-own': true }, make('summary', {}, t('add')), meterForm(context, { line: line.value, unit: find.unit, meter: find.meter, profiles: find.guesses.map((guess) => guess.profile), ...find.identity })));

  /** Devices of the site file that are silent beside units that answer and that it does not have. */
  function mistaken(id, first, last) {
    const silent = snapshot().devices.filter((device) => device.line === id && /^\d+$/.test(device.address) && device.state !== 'good'
      && Number(device.address) >= first && Number(device.address) <= last && !finds.some((find) => find.known === device.id));
    return silent.map((device) => {
      const fits = finds.filter((find) => !find.known && find.unit !== undefined).map((find) => ({ find, guess: find.guesses.find((guess) => guess.profile === device.profile) })).filter(({ guess }) => guess)
        .sort((a, b) => b.guess.percent - a.guess.percent)[0];
      const values = { id: device.id, old: device.address };
      if (!fits) return make('section', { class: 'finding' }, make('p', { class: 'warn' }, `⚠ ${t('silent', values)}`));
      Object.assign(values, { unit: fits.find.unit, profile: fits.guess.profile, percent: fits.guess.percent });
      return make('section', { class: 'finding bad', 'data-kind': 'unit', 'data-device': device.id }, make('h3', {}, `✖ ${t('wrongUnit', values)}`), make('p', {}, t('wrongUnit.how', values)),
        proposal(context, { edit: 'device', device: device.id, key: 'unit', value: String(fits.find.unit) }, t('takeUnit', values)));
    });
  }

  function redraw(progress, end) {
    draw(result, progress && make('section', {}, make('progress', { max: progress.total, value: progress.done, 'aria-label': t('scan') }),
      make('p', { class: 'soft' }, [t('scanning', { what: progress.what, done: progress.done, total: progress.total }), progress.left_ms > 0 && t('left', { span: span(progress.left_ms) })].filter(Boolean).join(' · '))),
    end, finds.length > 0 && make('ul', { class: 'plain' }, finds.map(card)), notes.map((text) => make('p', { class: 'warn' }, text)));
  }

  async function listen(reply, id, first, last) {
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split('\n');
      rest = parts.pop();
      for (const each of parts.filter(Boolean).map((text) => JSON.parse(text))) {
        if (each.kind === 'found') finds.push(each);
        if (each.kind === 'note') notes = [...notes, context.told(each, 'text')].slice(-8);
        if (each.kind === 'done') redraw(null, [each.problem && make('p', { class: 'bad', role: 'alert' }, context.told(each, 'problem')), make('h3', {}, t('scanDone', { n: each.found })), mistaken(id, first, last)]);
        else redraw(each.kind === 'progress' ? each : null, null);
      }
    }
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    running = new AbortController();
    finds = [];
    notes = [];
    button.disabled = true;
    stop.hidden = false;
    draw(result, make('p', { class: 'soft' }, t('loading')));
    try {
      const [first, last] = [Number(from.value), Number(to.value)];
      const reply = await ask('/api/action/scan', { body: { line: line.value, from: first, to: last }, signal: running.signal });
      if (reply.ok) await listen(reply, line.value, first, last);
      else draw(result, make('p', { class: 'bad', role: 'alert' }, await refusal(reply)));
    } catch {
      redraw(null, make('p', { class: 'notice', role: 'alert' }, running.signal.aborted ? t('scanStopped') : t('noAnswer')));
    }
    running = null;
    button.disabled = false;
    stop.hidden = true;
  });
  stop.addEventListener('click', () => running?.abort());
  return { close: () => running?.abort() };
}
