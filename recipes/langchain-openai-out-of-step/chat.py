"""A chat that remembers. The model is scripted here; in service it is ChatOpenAI."""

from langchain.memory import ConversationBufferMemory
from langchain_core.language_models import FakeListLLM

memory = ConversationBufferMemory()
model = FakeListLLM(responses=["Five days.", "Yes, it is free."])
for question in ("How long does a refund take?", "Is it free?"):
    answer = model.invoke(f"{memory.load_memory_variables({})['history']}\n{question}")
    memory.save_context({"input": question}, {"output": answer})
print(memory.load_memory_variables({})["history"])
