import { describeAdapter } from "./adapter.js";
import { type Room, telegramStage } from "./stages/telegram.js";

const rooms: Readonly<Record<Room, string>> = {
  forum: "in a forum group",
  group: "in a group without topics",
  private: "in a private chat",
};

for (const way of ["polling", "webhook"] as const)
  for (const room of ["forum", "group", "private"] as const)
    describeAdapter(`Telegram by ${way} ${rooms[room]}`, () => telegramStage(way, room));
