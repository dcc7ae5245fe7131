//! The chat products.

use std::str::FromStr;

/// A chat product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// WeCom (企业微信), a group robot.
    Wecom,
    /// DingTalk (钉钉), a custom robot.
    Dingtalk,
    /// Feishu (飞书) or Lark, a custom bot.
    Feishu,
    /// Slack, an incoming webhook, and products that take the same.
    Slack,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [MessageKind; 4] = [
        MessageKind::Wecom,
        MessageKind::Dingtalk,
        MessageKind::Feishu,
        MessageKind::Slack,
    ];

    /// The word in rows and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageKind::Wecom => "wecom",
            MessageKind::Dingtalk => "dingtalk",
            MessageKind::Feishu => "feishu",
            MessageKind::Slack => "slack",
        }
    }

    /// How a robot's URL begins with the product's usual host, to show what is asked for.
    pub fn usual_url(self) -> &'static str {
        match self {
            MessageKind::Wecom => "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
            MessageKind::Dingtalk => "https://oapi.dingtalk.com/robot/send?access_token=",
            MessageKind::Feishu => "https://open.feishu.cn/open-apis/bot/v2/hook/",
            MessageKind::Slack => "https://hooks.slack.com/services/",
        }
    }

    /// Whether it signs with a secret.
    pub fn signs(self) -> bool {
        matches!(self, MessageKind::Dingtalk | MessageKind::Feishu)
    }
}

impl FromStr for MessageKind {
    type Err = ();

    fn from_str(text: &str) -> Result<MessageKind, ()> {
        MessageKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(())
    }
}
