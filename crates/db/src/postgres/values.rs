//! Values on their way to PostgreSQL and back.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::Val;

type Fault = Box<dyn Error + Sync + Send>;

impl ToSql for Val {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => integer(*number, ty, out),
            Self::Text(text) if is_text(ty) => text.as_str().to_sql(ty, out),
            Self::Blob(bytes) if *ty == Type::BYTEA => bytes.as_slice().to_sql(ty, out),
            Self::Text(_) => Err(format!("a text where {ty} is expected").into()),
            Self::Blob(_) => Err(format!("bytes where {ty} is expected").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn integer(number: i64, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
    match *ty {
        Type::INT8 => number.to_sql(ty, out),
        Type::INT4 => i32::try_from(number)?.to_sql(ty, out),
        Type::INT2 => i16::try_from(number)?.to_sql(ty, out),
        _ => Err(format!("an integer where {ty} is expected").into()),
    }
}

fn is_text(ty: &Type) -> bool {
    matches!(*ty, Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN)
}

impl<'a> FromSql<'a> for Val {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(ty, raw).map(|n| Self::Int(n.into())),
            Type::INT2 => i16::from_sql(ty, raw).map(|n| Self::Int(n.into())),
            Type::BOOL => bool::from_sql(ty, raw).map(|b| Self::Int(b.into())),
            Type::BYTEA => <&[u8]>::from_sql(ty, raw).map(|bytes| Self::Blob(bytes.to_vec())),
            _ if is_text(ty) => <&str>::from_sql(ty, raw).map(|text| Self::Text(text.to_owned())),
            _ => Err(format!("a column of type {ty}: cast it to BIGINT or TEXT").into()),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// One column of many rows, sent as an array.
#[derive(Debug)]
pub(crate) struct Column<'a>(pub(crate) Vec<&'a Val>);

impl ToSql for Column<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match *ty {
            Type::INT8_ARRAY => self.each(as_int)?.to_sql(ty, out),
            Type::TEXT_ARRAY => self.each(as_text)?.to_sql(ty, out),
            Type::BYTEA_ARRAY => self.each(as_bytes)?.to_sql(ty, out),
            _ => Err(format!("an array of {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> Column<'a> {
    fn each<T>(&self, read: fn(&'a Val) -> Option<T>) -> Result<Vec<Option<T>>, Fault> {
        let wrong = || Fault::from("a value of another type than its column");
        let one = |value: &&'a Val| match value {
            Val::Null => Ok(None),
            value => read(value).map(Some).ok_or_else(wrong),
        };
        self.0.iter().map(one).collect()
    }
}

const fn as_int(value: &Val) -> Option<i64> {
    match value {
        Val::Int(number) => Some(*number),
        _ => None,
    }
}

const fn as_text(value: &Val) -> Option<&str> {
    match value {
        Val::Text(text) => Some(text.as_str()),
        _ => None,
    }
}

const fn as_bytes(value: &Val) -> Option<&[u8]> {
    match value {
        Val::Blob(bytes) => Some(bytes.as_slice()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_type_is_refused_by_name() {
        let mut out = BytesMut::new();
        let refused = Val::Int(1).to_sql(&Type::TEXT, &mut out).err().unwrap();
        assert_eq!(refused.to_string(), "an integer where text is expected");
        assert!(Val::Int(i64::MAX).to_sql(&Type::INT4, &mut out).is_err());
        let mixed = [Val::Int(1), Val::Text("a".into())];
        assert!(Column(mixed.iter().collect()).to_sql(&Type::INT8_ARRAY, &mut out).is_err());
    }
}
