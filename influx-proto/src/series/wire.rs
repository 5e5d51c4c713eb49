//! A series as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Series;
use crate::{SeriesError, Value};

impl Serialize for Series {
    /// The shape `{"name":…,"columns":[…],"points":[[…],…]}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Points<'a>(&'a Series);
        impl Serialize for Points<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.points())
            }
        }
        let mut fields = serializer.serialize_struct("Series", 3)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("columns", &self.columns)?;
        fields.serialize_field("points", &Points(self))?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Series {
    /// Reads the same shape; absent keys count as empty, unknown ones are ignored.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Wire {
            #[serde(default)]
            name: String,
            #[serde(default)]
            columns: Vec<String>,
            #[serde(default)]
            points: Points,
        }
        let Wire { name, columns, points } = Wire::deserialize(deserializer)?;
        match points.width {
            Some(found) if found != columns.len() => Err(de::Error::custom(SeriesError::Width {
                series: name,
                point: 0,
                expected: columns.len(),
                found,
            })),
            _ => Ok(Self { name, tags: BTreeMap::new(), columns, cells: points.cells }),
        }
    }
}

/// Points of one width, in one list, so that a point needs no memory of its own.
#[derive(Default)]
struct Points {
    cells: Vec<Value>,
    width: Option<usize>,
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PointsVisitor)
    }
}

struct PointsVisitor;

impl<'de> Visitor<'de> for PointsVisitor {
    type Value = Points;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of points")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Points, A::Error> {
        let mut points = Points::default();
        while let Some(found) = seq.next_element_seed(PointInto(&mut points.cells))? {
            let expected = *points.width.get_or_insert(found);
            if found != expected {
                return Err(de::Error::custom(format_args!(
                    "a point has {found} values, the first one has {expected}"
                )));
            }
        }
        Ok(points)
    }
}

/// Appends the values of one point and returns their number.
struct PointInto<'a>(&'a mut Vec<Value>);

impl<'de> DeserializeSeed<'de> for PointInto<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PointInto<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a point, which is a list of values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<usize, A::Error> {
        let before = self.0.len();
        while let Some(value) = seq.next_element()? {
            self.0.push(value);
        }
        Ok(self.0.len() - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_may_repeat_a_column_but_not_change_its_width() {
        let twice = r#"{"name":"x","columns":["time","count","count"],"points":[[0,1,2]]}"#;
        let series: Series = serde_json::from_str(twice).unwrap();
        assert_eq!(series.column_index("count"), Some(1));
        assert!(series.check_columns().is_err());

        for ragged in [
            r#"{"columns":["a"],"points":[[1,2]]}"#,
            r#"{"points":[[1,2]],"columns":["a"]}"#,
            r#"{"columns":["a"],"points":[[1],[]]}"#,
            r#"{"columns":["a"],"points":[[1],[2,3]]}"#,
            r#"{"columns":["a","b"],"points":[[1]]}"#,
            r#"{"points":[[1]]}"#,
        ] {
            assert!(serde_json::from_str::<Series>(ragged).is_err(), "{ragged}");
        }
    }
}
