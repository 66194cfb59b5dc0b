package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site.Meter;

/** What one meter counted in an interval. */
public record Count(Meter meter, Figure figure, Metric amount) {}
