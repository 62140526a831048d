//! One rule: whether a message is a request to it, and what it answers.

use jiff::{Timestamp, Unit};
use mqttscope_model::properties::Property;
use mqttscope_model::template::{Asked, MissingValue, Template, TemplateError};
use mqttscope_model::{
    Bytes, ErrorCode, ProtocolVersion, Publish, ReplyRule, UserError, UserProperty, topic,
};

/// A rule whose templates are read.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) rule: ReplyRule,
    /// None is the Response Topic of the request.
    topic: Option<Template>,
    payload: Template,
    user_properties: Vec<(Template, Template)>,
}

/// A message that may be a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) topic: &'a str,
    pub(super) payload: &'a [u8],
    pub(super) properties: &'a [Property],
    pub(super) version: ProtocolVersion,
}

impl Compiled {
    /// Checks a rule and reads its templates.
    ///
    /// # Errors
    /// `topic.filter_invalid`, `topic.name_invalid`, `reply.template_invalid`, with the field and the place.
    pub(super) fn new(rule: ReplyRule) -> Result<Self, UserError> {
        topic::check_filter(&rule.filter).map_err(|error| {
            UserError::new(ErrorCode::TopicFilterInvalid, error.to_string())
                .detail("rule", &rule.id)
                .detail("field", "filter")
                .detail("reason", error.as_str())
        })?;
        let read = |field: &str, text: &str| {
            Template::parse(text).map_err(|error| template_invalid(&rule.id, field, &error))
        };
        let topic = match rule.topic.as_str() {
            "" => None,
            text => Some(read("topic", text)?),
        };
        if let Some(topic) = &topic {
            check_literals(&rule.id, topic)?;
        }
        let payload = read("payload", &rule.payload)?;
        let mut user_properties = Vec::with_capacity(rule.user_properties.len());
        for (place, UserProperty { name, value }) in rule.user_properties.iter().enumerate() {
            let field = |part: &str| format!("user_properties.{place}.{part}");
            user_properties.push((read(&field("name"), name)?, read(&field("value"), value)?));
        }
        Ok(Self { rule, topic, payload, user_properties })
    }

    /// Whether a message on the rule's filter is a request: one without Response Topic is none where the reply should go
    /// there. So an answer, which carries Correlation Data and no Response Topic, is not answered.
    pub(super) fn is_request(&self, properties: &[Property]) -> bool {
        self.topic.is_some() || response_topic(properties).is_some()
    }

    /// The rule can never answer with this version of MQTT.
    pub(super) fn is_mute(&self, version: ProtocolVersion) -> bool {
        self.topic.is_none() && version != ProtocolVersion::V5
    }

    /// The reply, which is the rule's `count`th.
    ///
    /// # Errors
    /// `reply.no_response_topic`, `reply.value_missing`, `topic.name_invalid`: nothing can be sent then.
    pub(super) fn reply(&self, request: Request<'_>, count: u64) -> Result<Publish, UserError> {
        let Request { topic, payload, properties, version } = request;
        let time = Timestamp::now();
        let time = time.round(Unit::Millisecond).unwrap_or(time).to_string();
        let asked = Asked { topic, payload, properties, count, time: &time };
        let to = match &self.topic {
            Some(template) => {
                let topic = template.fill_text(&asked).map_err(|error| missing("topic", &error))?;
                topic::check_name(&topic).map_err(|error| {
                    UserError::new(
                        ErrorCode::TopicNameInvalid,
                        format!("The reply's topic is not valid: {error}."),
                    )
                    .detail("reason", error.as_str())
                })?;
                topic
            }
            None => usable_response_topic(properties)?,
        };
        Ok(Publish {
            topic: to,
            payload: Bytes(self.payload.fill(&asked).map_err(|error| missing("payload", &error))?),
            qos: self.rule.reply_qos,
            retain: self.rule.retain,
            properties: match version {
                ProtocolVersion::V5 => self.properties(&asked)?,
                ProtocolVersion::V31 | ProtocolVersion::V311 => Vec::new(),
            },
        })
    }

    fn properties(&self, asked: &Asked<'_>) -> Result<Vec<Property>, UserError> {
        let mut all = Vec::new();
        if !self.rule.content_type.is_empty() {
            all.push(Property::ContentType(self.rule.content_type.clone()));
        }
        let correlation = asked
            .properties
            .iter()
            .find(|property| matches!(property, Property::CorrelationData(_)));
        all.extend(correlation.cloned());
        for (place, (name, value)) in self.user_properties.iter().enumerate() {
            let fill = |template: &Template| {
                let field = format!("user_properties.{place}");
                template.fill_text(asked).map_err(|error| missing(&field, &error))
            };
            all.push(Property::UserProperty(fill(name)?, fill(value)?));
        }
        Ok(all)
    }
}

/// The Response Topic of a request.
pub(super) fn response_topic(properties: &[Property]) -> Option<&str> {
    properties.iter().find_map(|property| match property {
        Property::ResponseTopic(topic) => Some(topic.as_str()),
        _ => None,
    })
}

/// There is nowhere to answer to.
pub(super) fn no_response_topic(text: &str, reason: &str) -> UserError {
    UserError::new(ErrorCode::ReplyNoResponseTopic, text)
        .hint("Give the rule a topic of its own.")
        .detail("reason", reason)
}

fn usable_response_topic(properties: &[Property]) -> Result<String, UserError> {
    let topic = response_topic(properties)
        .ok_or_else(|| no_response_topic("The message has no Response Topic.", "absent"))?;
    topic::check_name(topic).map_err(|error| {
        // `[MQTT-3.3.2-14]`: the Response Topic must not hold wildcards.
        let text = format!("The Response Topic of the request is not valid: {error}.");
        no_response_topic(&text, error.as_str())
    })?;
    Ok(topic.to_owned())
}

/// A wildcard that stands in the template is in every topic that it gives.
fn check_literals(rule: &str, topic: &Template) -> Result<(), UserError> {
    let mut literals = topic.literals();
    match literals.find_map(|text| topic::check_name(text).err()) {
        None => Ok(()),
        Some(error) => Err(UserError::new(ErrorCode::TopicNameInvalid, error.to_string())
            .detail("rule", rule)
            .detail("field", "topic")
            .detail("reason", error.as_str())),
    }
}

fn template_invalid(rule: &str, field: &str, error: &TemplateError) -> UserError {
    UserError::new(ErrorCode::ReplyTemplateInvalid, format!("A template cannot be read: {error}."))
        .hint("Two braces on each side hold one of the placeholders.")
        .detail("rule", rule)
        .detail("field", field)
        .detail("at", error.at())
}

fn missing(field: &str, error: &MissingValue) -> UserError {
    UserError::new(ErrorCode::ReplyValueMissing, format!("{error}."))
        .detail("field", field)
        .detail("placeholder", &error.placeholder)
        .detail("reason", error.why.as_str())
}
