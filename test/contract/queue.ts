/** What every implementation of the queue's port promises. */
import { describeAttempts } from "./queue/attempts.js";
import { describeChanges } from "./queue/changes.js";
import type { MakeStores } from "./queue/given.js";
import { describeOrder } from "./queue/order.js";
import { describeSharing } from "./queue/sharing.js";

export function describeQueue(name: string, makeStores: MakeStores): void {
  for (const describe of [describeOrder, describeAttempts, describeChanges, describeSharing])
    describe(name, makeStores);
}
