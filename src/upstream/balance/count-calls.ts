import type { Health } from '../health/health.ts';
import type { Balancer } from './balancer.ts';

/** The same health; every call that it lets through is told to the balancer. */
export function countCalls(health: Health, balancer: Pick<Balancer, 'begin'>): Health {
  return {
    ...health,
    admit(deployment, how) {
      const permit = health.admit(deployment, how);
      if (permit === undefined) return undefined;
      const call = balancer.begin(deployment, how?.kind ?? 'other');
      return {
        begun: call.begun,
        settle(end) {
          call.end(end);
          permit.settle(end);
        },
      };
    },
  };
}
