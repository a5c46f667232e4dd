//! Specs, bundles of policy, rollouts and what hangs together with them.
