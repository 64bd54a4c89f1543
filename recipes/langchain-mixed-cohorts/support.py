"""An agent that answers customers, with a scripted model so that it runs without a key."""

from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

model = GenericFakeChatModel(messages=iter([AIMessage("Refunds take five days.")]))
agent = create_agent(model, tools=[])
answer = agent.invoke({"messages": [("user", "How long does a refund take?")]})
print(answer["messages"][-1].content)
