// Posts each alert to a web address: npx fedbus run notify.ts --set url=https://example.com/hook --set secret=whsec_...
import { sink, webhook, webhookConfig } from "fedbus/consumers";

export default sink({
  name: "machine-notify",
  version: "1.0",
  topics: ["machine.alert"],
  config: webhookConfig,
  to: webhook,
});
