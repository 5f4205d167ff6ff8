//! Makes serde as strict as the schemas: null is not absence, an array is not an object, and 1.0 is a whole number.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde_json::Value;

/// Declares a struct that is read from a JSON object alone, without further keys. What serde derives would also read it
/// from an array of its fields.
macro_rules! closed_object {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)*
    }) => {
        #[derive(serde::Serialize)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Serialize, serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Fields {
                    $($(#[$field_meta])* $field: $type,)*
                }
                let deserializer = $crate::protocol::strict::FromObject(deserializer);
                let Fields { $($field),* } = Fields::deserialize(deserializer)?;
                Ok(Self { $($field),* })
            }
        }
    };
}
pub(super) use closed_object;

/// A deserializer that reads a struct from an object alone.
pub(super) struct FromObject<D>(pub(super) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for FromObject<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// An optional field that, where present, must have a value.
pub(super) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A string that is not empty.
pub(super) fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::invalid_value(
            Unexpected::Str(""),
            &"a string that is not empty",
        ));
    }
    Ok(text)
}

/// A whole number as JSON Schema has it, within 64 bits: 1, 1.0 and 1e0 are the same.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(Whole)
}

/// [`whole`], where present.
pub(super) fn present_whole<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    whole(deserializer).map(Some)
}

/// An audience: one name or several.
pub(super) fn present_audience<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Value>, D::Error> {
    let audience = Value::deserialize(deserializer)?;
    let is_good = match &audience {
        Value::String(_) => true,
        Value::Array(names) => names.iter().all(Value::is_string),
        _ => false,
    };
    if is_good {
        Ok(Some(audience))
    } else {
        Err(D::Error::custom(
            "an audience is a string or an array of strings",
        ))
    }
}

/// The one algorithm that tokens are signed with.
pub(super) fn rs256<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let algorithm = String::deserialize(deserializer)?;
    if algorithm != "RS256" {
        return Err(D::Error::invalid_value(
            Unexpected::Str(&algorithm),
            &"RS256",
        ));
    }
    Ok(algorithm)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of at most 64 bits")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        // 2^63 is the least float that is too large; every float below it that has no fraction converts exactly.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number) {
            Ok(number as i64)
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    closed_object! {
        /// A struct to try.
        #[derive(Debug, PartialEq)]
        pub struct Tried {
            /// A number.
            #[serde(deserialize_with = "whole")]
            pub number: i64,
            /// A text, where present.
            #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
            pub text: Option<String>,
        }
    }

    fn read(value: Value) -> Option<Tried> {
        let from_value = serde_json::from_value(value.clone()).ok();
        let from_text = serde_json::from_str(&value.to_string()).ok();
        assert_eq!(from_value, from_text);
        from_value
    }

    #[test]
    fn an_object_and_nothing_else() {
        let tried = Tried {
            number: 1,
            text: None,
        };
        assert_eq!(serde_json::to_value(&tried).unwrap(), json!({"number": 1}));
        assert_eq!(read(json!({"number": 1})), Some(tried));
        for other in [
            json!([1]),
            json!([1, "a"]),
            json!({"number": 1, "text": null}),
            json!({"number": 1, "further": 1}),
            json!({}),
            json!(null),
            json!("number"),
        ] {
            assert_eq!(read(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn whole_numbers_within_64_bits() {
        for (text, number) in [
            ("0", 0),
            ("-0.0", 0),
            ("1.0", 1),
            ("1e3", 1000),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("-9.223372036854775808e18", i64::MIN),
        ] {
            let value = serde_json::from_str(&format!("{{\"number\":{text}}}")).unwrap();
            assert_eq!(
                read(value).map(|tried| tried.number),
                Some(number),
                "{text}"
            );
        }
        for text in [
            "1.5",
            "9223372036854775808",
            "9.223372036854775807e18",
            "1e300",
            "-1e19",
            "\"1\"",
            "true",
        ] {
            let value = serde_json::from_str(&format!("{{\"number\":{text}}}")).unwrap();
            assert_eq!(read(value), None, "{text}");
        }
    }

    #[test]
    fn an_error_says_what_is_expected() {
        for (text, observed) in [
            ("1.5", "floating point `1.5`"),
            ("18446744073709551615", "integer `18446744073709551615`"),
            ("true", "boolean `true`"),
        ] {
            let error = serde_json::from_str::<Tried>(&format!("{{\"number\":{text}}}"))
                .expect_err(text)
                .to_string();
            let told = format!("{observed}, expected a whole number of at most 64 bits");
            assert!(error.contains(&told), "{error}");
        }
    }
}
