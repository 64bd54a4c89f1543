"""Answer a question from a handbook, with what LangChain 1.x has."""

from langchain_core.language_models import FakeListLLM
from langchain_core.prompts import PromptTemplate
from langchain_text_splitters import CharacterTextSplitter

HANDBOOK = "Refunds take five days. Returns are free. Write to us before you send anything."

pieces = CharacterTextSplitter(separator=". ", chunk_size=40, chunk_overlap=0).split_text(HANDBOOK)
prompt = PromptTemplate.from_template("Answer from {text}: {question}")
chain = prompt | FakeListLLM(responses=["Five days."])
print(len(pieces), "pieces:", chain.invoke({"text": pieces[0], "question": "How long does a refund take?"}))
