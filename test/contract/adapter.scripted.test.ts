import { describeAdapter } from "./adapter.js";
import { scriptedStage } from "./stages/scripted.js";

describeAdapter("The scripted adapter that finds attempts, erases and opens threads with a card", () =>
  scriptedStage({ finds: true, erases: true, opensWithCard: true }),
);
describeAdapter("The scripted adapter with what is required alone", () => scriptedStage({}));
