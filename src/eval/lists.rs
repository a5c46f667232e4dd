//! Lists: pipelines, projections, quantifiers.
