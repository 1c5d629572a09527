// Node-RED without its editor: one flow, from the file beside this one.
"use strict";
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PORT),
  flowFile: "flows.json",
  readOnly: true,
  disableEditor: true,
  httpAdminRoot: false,
  diagnostics: { enabled: false },
  telemetry: { enabled: false },
  runtimeState: { enabled: false },
  externalModules: { autoInstall: false },
  logging: { console: { level: "warn", metrics: false, audit: false } },
};
