//! Parts of semantic versions.

use super::BASE;
use super::arguments::{internal, text, version};
use crate::data::{Num, Value, Version};
use crate::registry::{Body, Constant, Example, Function};
use std::sync::Arc;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "version",
        phrase: "the version {0}",
        family: "versions",
        signature: "(text: string) -> version",
        doc: "A version from a constant text, for those that a literal cannot hold: pre-releases. They come before \
              the release; parts after `+` are ignored.",
        examples: &[
            Example { expression: "version(\"v1.2.0-rc.1\")", prints: "v1.2.0-rc.1" },
            Example { expression: "version(\"v1.2.0-rc.1\") < v1.2", prints: "true" },
        ],
        constants: &[Constant {
            argument: 0,
            check: |value| match value.as_text().and_then(|text| Version::parse(text)) {
                Some(_) => Ok(()),
                None => Err("a version looks like `v1.2.0` or `v1.2.0-rc.1`".to_owned()),
            },
        }],
        body: Body::Scalar(|_, arguments| {
            let version = Version::parse(text(arguments, 0)?).ok_or_else(|| internal("a version that is none"))?;
            Ok(Value::Version(Arc::new(version)))
        }),
        ..BASE
    },
    Function {
        name: "major",
        phrase: "the major number of {0}",
        family: "versions",
        signature: "(v: version) -> int",
        doc: "The first number of a version.",
        examples: &[Example { expression: "major(v1.2.3)", prints: "1" }],
        body: Body::Scalar(|_, arguments| Ok(number(version(arguments, 0)?.major()))),
        ..BASE
    },
    Function {
        name: "minor",
        phrase: "the minor number of {0}",
        family: "versions",
        signature: "(v: version) -> int",
        doc: "The second number of a version.",
        examples: &[Example { expression: "minor(v1.2.3)", prints: "2" }],
        body: Body::Scalar(|_, arguments| Ok(number(version(arguments, 0)?.minor()))),
        ..BASE
    },
    Function {
        name: "patch",
        phrase: "the patch number of {0}",
        family: "versions",
        signature: "(v: version) -> int",
        doc: "The third number of a version.",
        examples: &[Example { expression: "patch(v1.2)", prints: "0" }],
        body: Body::Scalar(|_, arguments| Ok(number(version(arguments, 0)?.patch()))),
        ..BASE
    },
    Function {
        name: "prerelease",
        phrase: "the pre-release part of {0}",
        family: "versions",
        signature: "(v: version) -> bool",
        doc: "Whether a version comes before its release, such as `v1.2.0-rc.1`.",
        examples: &[
            Example { expression: "prerelease(version(\"v1.2.0-rc.1\"))", prints: "true" },
            Example { expression: "prerelease(v1.2)", prints: "false" },
        ],
        body: Body::Scalar(|_, arguments| Ok(Value::Bool(version(arguments, 0)?.is_prerelease()))),
        ..BASE
    },
];

fn number(n: u64) -> Value {
    Value::Num(Num::int(i128::from(n)))
}
