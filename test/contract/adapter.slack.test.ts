import { describeAdapter } from "./adapter.js";
import { slackStage } from "./stages/slack.js";

describeAdapter("Slack in Socket Mode", () => slackStage("socket"));
describeAdapter("Slack in HTTP mode", () => slackStage("http"));
