// No editor and no HTTP: nothing but the flow.
module.exports = {
  httpAdminRoot: false,
  httpNodeRoot: false,
  telemetry: {enabled: false, updateNotification: false},
  logging: {console: {level: "info", metrics: false, audit: false}},
};
