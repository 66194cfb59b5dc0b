package io.lingtan.agent.status.report;

import java.util.List;

/**
 * An energy intensity that was published of others, to be read beside a site's own: tonnes of
 * standard coal for ten thousand yuan. What such a figure is divided by differs, and then the
 * figures say nothing about each other; none of them stands in a plot.
 *
 * @param value as published
 * @param figure the site's figure with the same denominator; empty where the publication does not
 *     say what it divided by
 * @param chinese of what, of which year, by which denominator
 * @param english the same
 */
record Reference(String value, String figure, String chinese, String english) {

  static final List<Reference> ALL =
      List.of(
          new Reference(
              "0.205",
              "tce.intensity.gdp",
              "无锡高新区 2020 年单位 GDP 能耗；分母为 GDP，公布时未注明价格基准",
              "Wuxi High-tech Zone, 2020, per unit of GDP; at which prices is not published"),
          new Reference(
              "0.464",
              "",
              "国家高新区工业企业 2019 年能耗强度；分母不是 GDP，公布时未注明为产值还是工业增加值",
              "industrial enterprises in national high-tech zones, 2019; not per GDP, and whether"
                  + " per output or per value added is not published"));
}
